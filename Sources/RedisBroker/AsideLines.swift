import JobQueue
import Redis

/// The lists that hold a queue's pending jobs: the line, and for each type those that wait aside.
extension RedisBroker {
    /// Their keys, that of the line first: what is claimed from it and set aside meanwhile is met twice rather
    /// than overlooked.
    func pendingLists(of queue: QueueName) async throws -> [String] {
        let names = keys.of(queue)
        return [names.pending] + (try await asideTypes(of: queue)).map { names.aside($0) }
    }

    /// The types of which jobs may wait aside, sorted.
    func asideTypes(of queue: QueueName) async throws -> [JobType] {
        var types: Set<JobType> = []
        var cursor = "0"
        repeat {
            let reply = try await askOne(
                .command(RedisCommand("SSCAN", keys.of(queue).aside, cursor, "COUNT", "500"))
            ).array()
            guard reply.count == 2 else { break }
            cursor = try reply[0].text()
            // Whoever put something else there gets no type of it.
            for name in try reply[1].array() {
                if let type = JobType(try name.text()) { types.insert(type) }
            }
        } while cursor != "0"
        return types.sorted { $0.description < $1.description }
    }
}
