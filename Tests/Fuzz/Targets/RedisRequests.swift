import JobQueue
import Redis
import RedisBroker

/// What can be asked of a broker.
enum RedisRequests {
    typealias Request = @Sendable (RedisBroker) async throws -> Void

    static let all: [Request] = [
        { broker in
            let claims = try await broker.claim(2, from: .default).claims
            guard claims.count <= 2 else { throw Finding("more jobs than were asked for") }
        },
        { broker in
            let results = try await broker.finish(await finishes(of: broker))
            guard results.count == 4 else { throw Finding("\(results.count) results for 4") }
        },
        { try await $0.heartbeat() },
        { _ = try await $0.stats() },
        { _ = try await $0.workers() },
        { broker in
            let records = try await broker.dead(in: .default, limit: 3)
            guard records.count <= 3 else { throw Finding("more records than were asked for") }
        },
        { _ = try await $0.find(id) },
        { _ = try await $0.requeue(.all(type: nil)) },
        { _ = try await $0.delete(.ids([id])) },
        { _ = try await $0.promoteDue(in: .default) },
        { _ = try await $0.recover(in: .default) },
        { _ = try await $0.recoverFormerSelf(WorkerID(unixMilliseconds: 1, random: 2)) },
        { broker in
            let results = try await broker.enqueue([job(), job()])
            guard results.count == 2 else { throw Finding("\(results.count) results for 2") }
        },
        { broker in
            let results = try await broker.enqueue([job(id: id)])
            guard results.count == 1 else { throw Finding("\(results.count) results for 1") }
        },
        { try await $0.waitForWork(in: .default) },
        { try await $0.retire() },
        { try await $0.pause([.default]) },
        { _ = try await $0.ping() },
    ]

    private static let id: JobID = {
        guard let id = JobID("j") else { preconditionFailure("it is an id") }
        return id
    }()

    private static func job(id: JobID? = nil) -> NewJob {
        guard let type = JobType("a") else { preconditionFailure("it is a type") }
        var job = NewJob(type: type)
        job.id = id
        if id != nil { job.uniqueKey = "k" }
        return job
    }

    private static func finishes(of broker: RedisBroker) async -> [Finish] {
        let worker = await broker.workerID
        let record = Array(#"{"type":"a"}"#.utf8)
        let outcomes: [Outcome] = [
            .ack, .retry(after: .seconds(1), envelope: record), .deadLetter(envelope: record),
            .release(envelope: record),
        ]
        return outcomes.enumerated().map { number, outcome in
            let token = LeaseToken(worker: worker, queue: .default, number: UInt64(number + 1))
            return Finish(token: token, outcome: outcome, unique: UniqueKey(key: "k", holder: id))
        }
    }
}
