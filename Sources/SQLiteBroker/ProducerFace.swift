import JobQueue

/// Enqueuing.
extension SQLiteBroker: Producer {
    package func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueResult] {
        guard !jobs.isEmpty else { return [] }
        let encoded = try jobs.map(encoded)
        return try await store.perform(.promise) { file in try file.enqueue(encoded) }
    }

    private func encoded(_ job: NewJob) throws(BrokerError) -> EncodedJob {
        let now = clock.unixMilliseconds
        let id =
            job.id
            ?? .uuidV7(
                unixMilliseconds: now, random: (options.random.bits(), options.random.bits()))
        do {
            let envelope = try Envelope.encode(
                job, id: id, enqueuedAt: now, maxPayload: options.maxPayload)
            return EncodedJob(
                id: id,
                remember: job.id == nil
                    ? nil : job.remember ?? EnvelopeLimits.standardRemember,
                queue: job.queue, uniqueKey: job.uniqueKey, start: job.start, envelope: envelope)
        } catch {
            throw .invalid(reason: error.description)
        }
    }
}
