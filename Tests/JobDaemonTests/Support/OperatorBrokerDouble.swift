import JobQueue
import TestSupport

/// The faces of a broker for operators and producers: keeps what it is asked, and answers what a test
/// has set.
final class OperatorBrokerDouble: Producer, OperatorBroker {
    enum Call: Sendable, Equatable {
        case stats, workers
        case enqueue([String])
        case pause([QueueName])
        case resume([QueueName])
        case dead(QueueName?, limit: Int)
        case find(JobID)
        case receipt(JobID, QueueName)
        case remembers(JobID, QueueName)
        case requeue(DeadSelection)
        case delete(DeadSelection)
        case exportJobs(ExportPosition?)
        case importJobs([ImportedJob])
    }

    struct Answers: Sendable {
        var stats = BrokerStats(queues: [])
        var workers: [WorkerInfo] = []
        var enqueued: [EnqueueResult] = []
        var records: [JobRecord] = []
        /// One for each time that it is asked for; then there is none.
        var receipts: [[UInt8]?] = []
        var remembers = true
        var page = ExportPage(records: [], next: nil)
        var imported: [ImportResult] = []
        var change = OperatorResult()
        /// Thrown instead of an answer.
        var failure: (any Error)?
    }

    let calls = Watched<[Call]>([])
    let orders = Watched<[NewJob]>([])
    let answers = Watched(Answers())

    func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueResult] {
        orders.update { $0 += jobs }
        return try answer(to: .enqueue(jobs.map(\.type.description))).enqueued
    }

    func stats() async throws -> BrokerStats { try answer(to: .stats).stats }
    func workers() async throws -> [WorkerInfo] { try answer(to: .workers).workers }
    func pause(_ queues: [QueueName]) async throws { _ = try answer(to: .pause(queues)) }
    func resume(_ queues: [QueueName]) async throws { _ = try answer(to: .resume(queues)) }

    func dead(in queue: QueueName?, limit: Int) async throws -> [JobRecord] {
        try answer(to: .dead(queue, limit: limit)).records
    }

    func find(_ id: JobID) async throws -> [JobRecord] { try answer(to: .find(id)).records }

    func receipt(of id: JobID, in queue: QueueName) async throws -> [UInt8]? {
        _ = try answer(to: .receipt(id, queue))
        return answers.update { $0.receipts.isEmpty ? nil : $0.receipts.removeFirst() }
    }

    func remembers(_ id: JobID, in queue: QueueName) async throws -> Bool {
        try answer(to: .remembers(id, queue)).remembers
    }

    func requeue(_ selection: DeadSelection) async throws -> OperatorResult {
        try answer(to: .requeue(selection)).change
    }

    func delete(_ selection: DeadSelection) async throws -> OperatorResult {
        try answer(to: .delete(selection)).change
    }

    func exportJobs(behind position: ExportPosition?, bytes: Int) async throws -> ExportPage {
        try answer(to: .exportJobs(position)).page
    }

    func importJobs(_ jobs: [ImportedJob]) async throws -> [ImportResult] {
        try answer(to: .importJobs(jobs)).imported
    }

    private func answer(to call: Call) throws -> Answers {
        calls.update { $0.append(call) }
        if let failure = answers.value.failure { throw failure }
        return answers.value
    }
}
