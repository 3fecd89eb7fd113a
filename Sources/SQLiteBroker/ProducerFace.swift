import JobQueue

/// Enqueuing.
extension SQLiteBroker: Producer {
    package func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueResult] {
        guard !jobs.isEmpty else { return [] }
        // When one is not acceptable, none is taken in.
        if !NewJob.areFew(jobs, bytes: Slice.bytes) { for job in jobs { _ = try encoded(job) } }
        var results: [EnqueueResult] = []
        results.reserveCapacity(jobs.count)
        // A part at a time, so that many large ones do not lie here all at once.
        for part in NewJob.parts(of: jobs, bytes: Slice.bytes) {
            do {
                let encoded = try part.map(encoded)
                results += try await store.perform(.promise) { file in try file.enqueue(encoded) }
            } catch let error as BrokerError where !results.isEmpty {
                throw error.after(results.count, of: jobs.count)
            }
        }
        return results
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
