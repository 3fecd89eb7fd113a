import EventLoop
import JobQueue
import SQLite
import Synchronization
import TestSupport

@testable import SQLiteBroker

/// The embedded broker, on a file of its own or in memory.
final class SQLiteUnderTest: BrokerUnderTest {
    let store: JobStore
    let loop: EventLoop
    let clock: ShiftedClock
    let directory: TemporaryDirectory
    /// Past the broker, as another process has the file; `nil`: it is in memory.
    let raw: OtherProcess?

    var path: String { directory.file("jobs") }

    /// - Parameters:
    ///   - directory: One in which a file may be already.
    ///   - change: How the file is opened.
    init(
        loop: EventLoop, isInMemory: Bool = false, directory: TemporaryDirectory? = nil,
        clock: ShiftedClock? = nil,
        _ change: (inout JobStoreOptions) -> Void = { _ in }
    ) async throws {
        self.loop = loop
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        let path = directory.file("jobs")
        let clock = clock ?? ShiftedClock(loop: loop)
        self.clock = clock
        var options = JobStoreOptions(clock: clock)
        change(&options)
        store = try await JobStore.open(
            isInMemory ? .memory : .file(path: path), options: options)
        raw = isInMemory ? nil : try OtherProcess(path)
    }

    func daemon(queues: [QueueName], lease: Duration) async throws -> DaemonUnderTest {
        var options = SQLiteBrokerOptions()
        if !queues.isEmpty {
            var worker = WorkerSide(queues: queues, lease: lease)
            worker.host = "host"
            worker.pid = 42
            worker.version = "1.2.3"
            worker.concurrency = 10
            options.worker = worker
        }
        let broker = SQLiteBroker(store: store, options: options)
        try await broker.start()
        // It keeps nothing going: there is nothing to end but its use.
        return DaemonUnderTest(broker: broker, crash: {}, cut: { [self] in lockOut() })
    }

    func close() async { await store.close() }

    /// What comes nearest to a cut connection: another process keeps the file locked for a moment.
    private func lockOut() {
        // Nobody was locked out when it fails: as if the cut had not been noticed.
        guard raw != nil, let stranger = try? OtherProcess(path) else { return }
        try? stranger.use { try $0.begin() }
        Alarm.after(.milliseconds(50)) { try? stranger.use { try $0.rollback() } }
    }

    // MARK: - Past the broker

    func push(_ records: [[UInt8]], to queue: QueueName) async throws {
        try await write(waking: queue) { database in
            for record in records {
                try database.run(
                    "INSERT INTO enqueue (envelope, queue) VALUES (?, ?)", SQLValue(record),
                    SQLValue(queue.description))
            }
        }
    }

    func schedule(_ records: [(record: [UInt8], time: Double)], in queue: QueueName) async throws {
        try await write { database in
            for (record, time) in records {
                try database.run(
                    "INSERT INTO enqueue (envelope, queue, run_at) VALUES (?, ?, ?)",
                    SQLValue(record), SQLValue(queue.description), .real(time))
            }
        }
    }

    func records(_ state: JobState, in queue: QueueName) async throws -> [[UInt8]] {
        let number: Int64 =
            switch state {
            case .pending: 0
            case .scheduled: 1
            case .active: 2
            case .dead: 3
            }
        return try await records(state: number, aside: nil, in: queue)
    }

    func aside(_ type: JobType, in queue: QueueName) async throws -> [[UInt8]] {
        try await records(state: 0, aside: type.description, in: queue)
    }

    private func records(
        state: Int64, aside: String?, in queue: QueueName
    ) async throws -> [[UInt8]] {
        try await look { database in
            var records: [[UInt8]] = []
            try database.query(
                """
                SELECT envelope FROM job JOIN queue ON queue.id = job.queue
                WHERE queue.name = ? AND state = ? AND aside IS ? ORDER BY place, seq
                """, SQLValue(queue.description), SQLValue(state), SQLValue(aside)
            ) { row in
                records.append(row.bytes(0))
                return true
            }
            return records
        }
    }

    func holder(of key: String, in queue: QueueName) async throws -> String? {
        try await look { database in
            try database.first(
                """
                SELECT holder FROM unique_key JOIN queue ON queue.id = unique_key.queue
                WHERE queue.name = ? AND key = ?
                """, SQLValue(queue.description), SQLValue(key)
            ) { $0.text(0) }
        }
    }

    func now() async throws -> Int64 { clock.unixMilliseconds }

    func knows(_ worker: String) async throws -> Bool {
        try await store.perform(.look) { file in
            let holds = try file.database.first(
                "SELECT 1 FROM job WHERE worker = ?", SQLValue(worker)
            ) { _ in true }
            return holds == true || file.leases.knows(worker)
        }
    }

    func endLease(of worker: String, in queue: QueueName) async throws {
        try await store.perform(.look) { $0.leases.end(worker, in: queue) }
    }

    func loseEverything() async throws {
        try await store.perform(.change) { file in
            try file.database.execute(
                script: """
                    DELETE FROM job; DELETE FROM queue; DELETE FROM unique_key;
                    DELETE FROM remembered;
                    """)
            file.leases = Leases()
        }
    }

    /// Writes as another process does; in memory, where there is none, as the broker itself.
    ///
    /// - Parameter queue: where there is something to claim afterwards.
    private func write(
        waking queue: QueueName? = nil,
        _ body: @escaping @Sendable (inout Database) throws -> Void
    ) async throws {
        if let raw {
            try raw.use { database in
                try database.begin()
                try body(&database)
                try database.commit()
            }
        } else {
            try await store.perform(.change) { file in
                try body(&file.database)
                if let queue { file.tally.awakened.insert(queue) }
            }
        }
    }

    private func look<Value: Sendable>(
        _ body: @escaping @Sendable (inout Database) throws -> Value
    ) async throws -> Value {
        guard let raw else { return try await store.perform(.look) { try body(&$0.database) } }
        return try raw.use { try body(&$0) }
    }
}

/// A connection of its own to the file.
final class OtherProcess: Sendable {
    private let database: Mutex<Database>

    init(_ path: String) throws {
        database = Mutex(try Database(.file(path), busyTimeout: .seconds(10)))
    }

    func use<Value: Sendable>(_ body: (inout Database) throws -> Value) throws -> Value {
        try database.withLock { try body(&$0) }
    }
}
