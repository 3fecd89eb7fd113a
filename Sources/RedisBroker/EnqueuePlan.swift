import JobQueue
import Redis

/// How a list of jobs is put into Redis: runs of plain jobs for one queue as one RPUSH, every other
/// job by the enqueue script, all in order.
struct EnqueuePlan {
    private(set) var requests: [RedisRequest] = []
    /// For each request, the ids of its jobs.
    private var ids: [[JobID]] = []
    /// The queues of all jobs; one may come more than once.
    private(set) var queues: [QueueName] = []
    /// Whether every job has an id of the producer's own, which Redis remembers.
    private(set) var mayBeSentAgain = true

    /// Encodes all jobs; throws `BrokerError.invalid` before anything is sent.
    init(_ jobs: [NewJob], keys: Keys, options: RedisBrokerOptions) throws(BrokerError) {
        let now = options.clock.unixMilliseconds
        var run = PlainRun()
        for job in jobs {
            let id =
                job.id
                ?? .uuidV7(
                    unixMilliseconds: now, random: (options.random.bits(), options.random.bits()))
            let envelope = try Self.encode(job, id: id, now: now, options)
            if queues.last != job.queue { queues.append(job.queue) }
            if job.id == nil { mayBeSentAgain = false }
            if job.id == nil, job.uniqueKey == nil, job.start == nil {
                if !run.accepts(job.queue, size: envelope.count) { end(&run, keys: keys) }
                run.append(envelope, id, job.queue)
            } else {
                end(&run, keys: keys)
                requests.append(.script(Self.call(job, id: id, envelope: envelope, keys: keys)))
                ids.append([id])
            }
        }
        end(&run, keys: keys)
    }

    /// Reads the answers to `requests`.
    func read(
        _ results: [Result<RedisReply, RedisError>]
    ) throws(RedisError) -> [EnqueueResult] {
        var read: [EnqueueResult] = []
        for ((request, ids), result) in zip(zip(requests, ids), results) {
            let reply = try result.get()
            guard case .script = request else {
                read += ids.map(EnqueueResult.enqueued)
                continue
            }
            let parts = try reply.asArray()
            guard parts.count == 2, let id = JobID(try parts[1].asText()) else {
                throw .unexpectedReply("an enqueue was answered without an id")
            }
            read.append(try parts[0].asInteger() == 1 ? .enqueued(id) : .duplicate(holder: id))
        }
        return read
    }

    private mutating func end(_ run: inout PlainRun, keys: Keys) {
        guard let queue = run.queue else { return }
        var command = RedisCommand(
            wordCount: 2 + run.envelopes.count, capacity: run.bytes + 24 * run.envelopes.count + 64)
        command.append("RPUSH")
        command.append(keys.of(queue).pending)
        for envelope in run.envelopes { command.append(envelope) }
        requests.append(.command(command))
        ids.append(run.ids)
        run = PlainRun()
    }

    private static func encode(
        _ job: NewJob, id: JobID, now: Int64, _ options: RedisBrokerOptions
    ) throws(BrokerError) -> [UInt8] {
        do {
            return try Envelope.encode(
                job, id: id, enqueuedAt: now, maxPayload: options.maxPayload)
        } catch {
            throw .invalid(reason: error.description)
        }
    }

    private static func call(
        _ job: NewJob, id: JobID, envelope: [UInt8], keys: Keys
    ) -> ScriptCall {
        let names = keys.of(job.queue)
        let start =
            switch job.start {
            case nil: ("now", Int64(0))
            case .after(let delay): ("after", max(0, delay.wholeMilliseconds))
            case .at(let time): ("at", max(0, time))
            }
        var call = ScriptCall(
            Scripts.enqueue,
            keys: [names.pending, names.scheduled, names.enqueued(id.description)]
                + (job.uniqueKey.map { [names.unique($0)] } ?? []))
        call.append(envelope)
        call.append(id.description)
        call.append(job.id == nil ? 0 : rememberMilliseconds)
        call.append(start.0)
        call.append(start.1)
        return call
    }

    /// How long an explicit id is remembered.
    static let rememberMilliseconds = 24 * 3600 * 1000
}

/// Plain jobs for one queue that leave in one command.
private struct PlainRun {
    var queue: QueueName?
    var envelopes: [[UInt8]] = []
    var ids: [JobID] = []
    var bytes = 0

    func accepts(_ queue: QueueName, size: Int) -> Bool {
        self.queue == nil
            || self.queue == queue && envelopes.count < Slice.count && bytes + size <= Slice.bytes
    }

    mutating func append(_ envelope: [UInt8], _ id: JobID, _ queue: QueueName) {
        self.queue = queue
        envelopes.append(envelope)
        ids.append(id)
        bytes += envelope.count
    }
}
