import JobQueue
import Redis

/// How a list of jobs is put into Redis: runs of plain jobs for one queue as one RPUSH, every other
/// job by the enqueue script, all in order.
struct EnqueuePlan {
    /// What making a plan needs. A class, because callers on all processors use it at the same time: each
    /// part that were handed on by itself would have a count of its references, which they would take from
    /// each other.
    final class Setting: Sendable {
        let keys: Keys
        let clock: any JobClock
        let random: RandomSource
        let maxPayload: Int

        init(keys: Keys, options: RedisBrokerOptions) {
            self.keys = keys
            clock = options.clock
            random = options.random
            maxPayload = options.maxPayload
        }
    }

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
    init(_ jobs: ArraySlice<NewJob>, in setting: Setting) throws(BrokerError) {
        let now = setting.clock.unixMilliseconds
        var run: PlainRun?
        for index in jobs.indices {
            let job = jobs[index]
            let id =
                job.id
                ?? .uuidV7(
                    unixMilliseconds: now, random: (setting.random.bits(), setting.random.bits()))
            let envelope = try Self.encode(
                job, id: id, now: now, maxPayload: setting.maxPayload)
            if queues.last != job.queue { queues.append(job.queue) }
            if job.id == nil { mayBeSentAgain = false }
            if job.isPlain {
                if run?.accepts(job.queue, jobs: 1, bytes: envelope.count) != true {
                    end(&run)
                    run = PlainRun(for: job.queue, expecting: Self.row(at: index, of: jobs))
                }
                run?.append(envelope, id)
            } else {
                end(&run)
                parts.append(
                    .script(Self.call(job, id: id, envelope: envelope, keys: setting.keys)))
            }
        }
        end(&run)
    }

    /// How many plain jobs for one queue stand in a row from `index` on, as far as one run goes.
    private static func row(at index: Int, of jobs: ArraySlice<NewJob>) -> Int {
        jobs[index...].prefix(Slice.count)
            .prefix { $0.isPlain && $0.queue == jobs[index].queue }.count
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
                guard answer.count >= 2, let id = JobID(try answer[1].asText()) else {
                    throw .unexpectedReply("an enqueue was answered without an id")
                }
                if try answer[0].asInteger() != 1 {
                    read.append(.duplicate(holder: id))
                } else {
                    read.append(answer.count > 2 ? .known(id) : .enqueued(id))
                }
            }
        }
        return read
    }

    /// Throws `BrokerError.invalid` when the job is not acceptable.
    static func check(_ job: NewJob, in setting: Setting) throws(BrokerError) {
        _ = try encode(
            job, id: job.id ?? .uuidV7(unixMilliseconds: 0, random: (0, 0)), now: 0,
            maxPayload: setting.maxPayload)
    }

    private static func encode(
        _ job: NewJob, id: JobID, now: Int64, maxPayload: Int
    ) throws(BrokerError) -> [UInt8] {
        do {
            return try Envelope.encode(
                job, id: id, enqueuedAt: now, maxPayload: maxPayload)
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
        var words = [names.pending, names.scheduled, names.enqueued(id.description)]
        if let key = job.uniqueKey { words.append(names.unique(key)) }
        // An id that is new has no earlier end.
        if job.id != nil { words.append(names.receipt(id.description)) }
        let remember = job.remember ?? EnvelopeLimits.standardRemember
        var call = ScriptCall(Scripts.enqueue, keys: words)
        call.append(envelope)
        call.append(id.description)
        call.append(job.id == nil ? 0 : remember.wholeMilliseconds)
        call.append(start.0)
        call.append(start.1)
        call.append(job.id == nil ? 0 : words.count)
        return call
    }
}

extension NewJob {
    /// A place in pending is all that it needs: it has no id of its own, no unique key and no time.
    fileprivate var isPlain: Bool { id == nil && uniqueKey == nil && start == nil }
}
