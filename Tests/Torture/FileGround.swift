import Glibc
import SQLite
import Synchronization
import TestSupport

/// A file of jobs with its one daemon, among other processes that read and write it.
final class FileGround: Ground {
    static let kind = GroundKind.sqlite

    let directory: TemporaryDirectory?
    private let path: String
    private let socket: String
    private let queues: [String]
    private let later = Later()
    private let put = Mutex(0)

    init(queues: [String]) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        self.queues = queues
        path = directory.file("jobs.db")
        socket = directory.file("control.sock")
    }

    var address: String { "sqlite:\(path)" }
    var garbage: Int { put.withLock { $0 } }

    func snapshot() throws -> QueueSnapshot { try QueueSnapshot(ofFile: path) }

    func commit(_ fault: Fault) async {
        switch fault {
        case .holdFile(let time):
            use("BEGIN IMMEDIATE", for: time)
        case .readFile(let time):
            // The read begins with the first look.
            use("BEGIN; SELECT count(*) FROM job;", for: time)
        case .pauseQueue(let time):
            // The daemon may be away: then the fault is that.
            await onThread { _ = try? self.steer("Pause") }
            later.run(after: time) { await onThread { _ = try? self.steer("Resume") } }
        case .garbage:
            let number = garbage
            let isIn = await onThread {
                (try? FileProducer.insert(garbage: "garbage \(number) {", into: self.path)) != nil
            }
            if isIn { put.withLock { $0 += 1 } }
        default: break
        }
    }

    func settle() async { await later.settle() }

    func heal() async throws {
        let failure = await onThread { () -> String? in
            do {
                _ = try self.steer("Resume")
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let failure { throw TestSupportError("cannot resume: \(failure)") }
    }

    func produce(seed: UInt64, _ ledger: Ledger, while body: () async -> Void) async throws {
        let control = ControlProducer(socket: socket, ledger: ledger)
        let path = path
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await control.run(seed: seed) }
            group.addTask { await FileProducer(path: path, ledger: ledger).run() }
            await body()
            group.cancelAll()
        }
    }

    // MARK: -

    /// Holds a transaction of another connection open.
    private func use(_ transaction: String, for milliseconds: Int) {
        let path = path
        later.run(after: 0) {
            await onThread {
                // When it cannot begin, the daemon holds the file: then the fault is that.
                guard var database = try? Database(.file(path), busyTimeout: .seconds(1)),
                    (try? database.execute(script: transaction)) != nil
                else { return }
                usleep(UInt32(milliseconds * 1000))
                // Closing the connection ends it, too.
                try? database.rollback()
            }
        }
    }

    private func steer(_ method: String) throws -> [String: Any] {
        try BareControlClient(socket: socket).call(method, ["queues": [queues[0]]])
    }
}
