import JobQueue
import Redis

/// How a list of jobs is put into Redis: runs of plain jobs for one queue as one RPUSH, every other
/// job by the enqueue script, all in order.
struct EnqueuePlan {
    private enum Part {
        case plain(PlainRun)
        case script(ScriptCall)
    }

    private var parts: [Part] = []
    /// The queues of all jobs; one may come more than once.
    private(set) var queues: [QueueName] = []
    /// Whether every job has an id of the producer's own, which Redis remembers.
    private(set) var mayBeSentAgain = true

    /// Encodes all jobs; throws `BrokerError.invalid` before anything is sent.
    init(_ jobs: [NewJob], keys: Keys, options: RedisBrokerOptions) throws(BrokerError) {
        let now = options.clock.unixMilliseconds
        var run: PlainRun?
        for job in jobs {
            let id =
                job.id
                ?? .uuidV7(
                    unixMilliseconds: now, random: (options.random.bits(), options.random.bits()))
            let envelope = try Self.encode(job, id: id, now: now, options)
            if queues.last != job.queue { queues.append(job.queue) }
            if job.id == nil { mayBeSentAgain = false }
            if job.id == nil, job.uniqueKey == nil, job.start == nil {
                if run?.accepts(job.queue, jobs: 1, bytes: envelope.count) != true {
                    end(&run)
                    run = PlainRun(for: job.queue)
                }
                run?.append(envelope, id)
            } else {
                end(&run)
                parts.append(.script(Self.call(job, id: id, envelope: envelope, keys: keys)))
            }
        }
        end(&run)
    }

    private mutating func end(_ run: inout PlainRun?) {
        if let run = run.take() { parts.append(.plain(run)) }
    }

    /// All jobs, where they are one run of plain ones: it may leave together with those of others.
    var onlyRun: PlainRun? {
        if parts.count == 1, case .plain(let run) = parts[0] { run } else { nil }
    }

    func requests(keys: Keys) -> [RedisRequest] {
        parts.map { part in
            switch part {
            case .plain(let run): .command(run.command(keys: keys))
            case .script(let call): .script(call)
            }
        }
    }

    /// Reads the answers to the requests.
    func read(
        _ results: [Result<RedisReply, RedisError>]
    ) throws(RedisError) -> [EnqueueResult] {
        var read: [EnqueueResult] = []
        for (part, result) in zip(parts, results) {
            let reply = try result.get()
            switch part {
            case .plain(let run):
                read += run.ids.map(EnqueueResult.enqueued)
            case .script:
                let answer = try reply.asArray()
                guard answer.count == 2, let id = JobID(try answer[1].asText()) else {
                    throw .unexpectedReply("an enqueue was answered without an id")
                }
                read.append(
                    try answer[0].asInteger() == 1 ? .enqueued(id) : .duplicate(holder: id))
            }
        }
        return read
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
