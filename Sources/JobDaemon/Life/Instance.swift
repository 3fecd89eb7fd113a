import JobQueue
import LinuxSystem
import Synchronization

/// This daemon as one of possibly several on the machine: its lock, and who it was before.
final class Instance: Sendable {
    let host: HostIdentity
    private let lock: Mutex<LockFile>
    private let path: String
    private let worker = Mutex<WorkerID?>(nil)
    /// The worker that this instance was when it ended without signing off; `nil`: not known.
    let formerWorker: WorkerID?
    /// What the marks of the commands began with that it had before; see `Strays`.
    let formerMarks: [String]
    private let mark: String?
    private let log: any LogSink

    /// Takes the lock in `directory`. Fails while another daemon has it.
    ///
    /// - Parameter mark: What the marks of its commands begin with.
    init(directory: String, mark: String? = nil, log: any LogSink) throws(StartFailure) {
        host = HostIdentity.current()
        self.log = log
        self.mark = mark
        do {
            path = "\(directory)/jobqueued.lock"
            let lock = try LockFile(path: path, host: host, mark: mark)
            formerWorker = lock.formerWorker.flatMap { WorkerID($0) }
            formerMarks = lock.formerMarks
            self.lock = Mutex(lock)
        } catch {
            throw StartFailure(.configuration, error.description)
        }
    }

    /// Remembers who it is from now on.
    func remember(_ worker: WorkerID) {
        self.worker.withLock { $0 = worker }
        do {
            try lock.withLock { try $0.remember(worker: worker.description) }
        } catch {
            // It runs all the same; only after a crash its jobs wait for the end of their lease.
            log.write(LogRecord(level: .warning, message: "\(error)"))
        }
    }

    /// Makes the lock file again where it was removed: another daemon could take the same lock, and after a
    /// crash nobody would know whose jobs these were.
    ///
    /// - Returns: a line for the log; `nil`: all is well.
    func keepLock() -> String? {
        if lock.withLock({ $0.isInPlace }) { return nil }
        do throws(LockFileError) {
            let new = try LockFile(path: path, host: host, mark: mark)
            if let worker = worker.withLock({ $0 }) {
                try new.remember(worker: worker.description)
            }
            var next: LockFile? = consume new
            lock.withLock { lock in
                if let next = next.take() { lock = next }
            }
            return "the lock file \(path) was removed, and is there again"
        } catch {
            return
                "the lock file \(path) was removed or replaced, and cannot be made again: \(error)"
        }
    }
}
