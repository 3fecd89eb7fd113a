import JobQueue

/// So that a list of what was written reads as one.
extension FinishResult: ExpressibleByBooleanLiteral {
    package init(booleanLiteral written: Bool) { self = written ? .written : .refused }
}
import TestSupport
import Testing

/// A record as a foreign producer writes it, told apart by its number.
func record(_ number: Int, type: String = "test", _ more: String = "") -> String {
    #"{"type":"\#(type)","payload":\#(number)\#(more.isEmpty ? "" : ",\(more)")}"#
}

/// Records with the numbers of `range`.
func records(_ range: ClosedRange<Int>) -> [String] { range.map { record($0) } }

/// A record of about `kilobytes` KiB.
func largeRecord(_ number: Int, kilobytes: Int) -> String {
    record(number, #""headers":{"filling":"\#(String(repeating: "x", count: kilobytes << 10))"}"#)
}

/// A job to be enqueued, told apart by its number.
func job(
    _ number: Int = 0, type: String = "test", _ change: (inout NewJob) throws -> Void = { _ in }
) throws -> NewJob {
    var job = NewJob(type: try #require(JobType(type)), payload: Payload(Array("\(number)".utf8)))
    try change(&job)
    return job
}

/// The type of the records above.
let anyType: JobType = {
    guard let type = JobType("test") else { preconditionFailure("it is a type") }
    return type
}()

func id(_ text: String) throws -> JobID { try #require(JobID(text)) }
func queue(_ text: String) throws -> QueueName { try #require(QueueName(text)) }

/// A record, read. Larger than anything that a test makes.
func read(_ record: [UInt8]) throws -> Envelope { try Envelope(record, maxPayload: 1 << 26) }

/// The numbers of records that the functions above have made.
func numbers(_ records: [[UInt8]]) throws -> [Int] {
    try records.map { try #require(Int(read($0).payload.text)) }
}

extension Claim {
    /// As a worker sees the job: with the id that it has, or gets by this claim.
    var jobID: JobID {
        get throws { try read(envelope).id ?? JobID(firstClaim: token) }
    }

    func finish(_ outcome: Outcome, unique: UniqueKey? = nil, isReplay: Bool = false) -> Finish {
        var finish = Finish(token: token, outcome: outcome, unique: unique)
        finish.isReplay = isReplay
        return finish
    }

    /// The outcomes that a worker writes, for its record as it is.
    func finish(_ kind: OutcomeKind) -> Finish { finish(kind.outcome(envelope)) }
}

enum OutcomeKind: CaseIterable {
    case ack, retry, deadLetter, release, putBack, aside

    func outcome(_ envelope: [UInt8]) -> Outcome {
        switch self {
        case .ack: .ack
        case .retry: .retry(after: .seconds(60), envelope: envelope)
        case .deadLetter: .deadLetter(envelope: envelope)
        case .release: .release(envelope: envelope)
        case .putBack: .putBack(.pending)
        case .aside: .putBack(.aside(anyType))
        }
    }
}

extension WorkerBroker {
    /// Claims the one job that is there.
    func claimOne(from queue: QueueName = .default) async throws -> Claim {
        let claims = try await claim(1, from: queue).claims
        return try #require(claims.first)
    }

    /// Claims until the queue is empty.
    func claimAll(from queue: QueueName = .default) async throws -> [Claim] {
        var claims: [Claim] = []
        while true {
            let reply = try await claim(500, from: queue)
            claims += reply.claims
            if reply.rest != .more { return claims }
        }
    }
}

extension OperatorBroker {
    /// The counts of one queue.
    func stats(of queue: QueueName = .default) async throws -> QueueStats {
        let queues = try await stats().queues
        return try #require(queues.first { $0.queue == queue })
    }
}

/// Looks for lost workers until one is found. Keeps the recoverer's own lease meanwhile, without which
/// it takes nothing from others.
func recoverOne(
    _ broker: any Broker, in queue: QueueName = .default,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> Recovery {
    var found: Recovery?
    await eventually("a lost worker is found", sourceLocation: sourceLocation) {
        try await broker.heartbeat()
        found = try await broker.recover(in: queue).recoveries.first
        return found != nil
    }
    return try #require(found, sourceLocation: sourceLocation)
}

/// Expects `BrokerError.leaseLost` of a worker.
func expectLeaseLost(
    of worker: String, in queue: QueueName = .default,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    await #expect(
        throws: BrokerError.leaseLost(worker: worker, queue: queue.description),
        sourceLocation: sourceLocation
    ) { try await body() }
}
