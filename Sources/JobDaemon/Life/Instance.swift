import JobQueue
import LinuxSystem

/// This daemon as one of possibly several on the machine: its lock, and who it was before.
final class Instance: Sendable {
    let host: HostIdentity
    private let lock: LockFile
    private let log: any LogSink

    /// Takes the lock in `directory`. Fails while another daemon has it.
    ///
    /// - Parameter mark: What the marks of its commands begin with.
    init(directory: String, mark: String? = nil, log: any LogSink) throws(StartFailure) {
        host = HostIdentity.current()
        self.log = log
        do {
            lock = try LockFile(path: "\(directory)/jobqueued.lock", host: host, mark: mark)
        } catch {
            throw StartFailure(.configuration, error.description)
        }
    }

    /// The worker that this instance was when it ended without signing off; `nil`: not known.
    var formerWorker: WorkerID? { lock.formerWorker.flatMap { WorkerID($0) } }

    /// What the marks of the commands began with that it had before; see `Strays`.
    var formerMarks: [String] { lock.formerMarks }

    /// Remembers who it is from now on.
    func remember(_ worker: WorkerID) {
        do {
            try lock.remember(worker: worker.description)
        } catch {
            // It runs all the same; only after a crash its jobs wait for the end of their lease.
            log.write(LogRecord(level: .warning, message: error.description))
        }
    }
}
