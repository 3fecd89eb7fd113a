/// Waits for the end of a job, and notices when it cannot come any more.
///
/// That a job ended is a look at one key. Whether a job is still there is a look through whole queues, which
/// is made where there is a doubt, and else ever more rarely.
struct JobWait {
    enum End {
        case ended(ControlJob)
        case gone
        case notYet
    }

    private let id: String
    private let queue: String
    /// By `clock`; `nil`: whenever it comes.
    private let limit: Int64?
    private let clock: () -> Int64
    /// There is a reason to look through the queues.
    private var isInDoubt: Bool
    /// How many waits until the next look without a reason, and how many until the one after it.
    private var waitsToLook: Int
    private var nextWaits: Int
    /// Its queue was found not to remember it, which a look has to follow once.
    private var isForgotten = false
    /// It was looked for, and not found.
    private var isMissing = false
    private var hasTold = false

    /// - Parameter order: As it was sent.
    init(
        for job: EnqueuedJob, in order: EnqueueOrder, end: Int64?, clock: @escaping () -> Int64
    ) {
        id = job.id
        queue = order.queue ?? "default"
        limit = end
        self.clock = clock
        // One that was enqueued before may have ended long ago.
        isInDoubt = job.isKnown
        // An end that is kept for less than a minute may be missed.
        let isShort = (order.retention ?? 0) < 60_000
        nextWaits = isShort ? 1 : Self.rareWaits
        waitsToLook = nextWaits
    }

    /// - Parameter tell: Told what keeps the job waiting.
    mutating func end(
        _ client: inout ControlClient, tell: (String) -> Void
    ) throws(ControlClientError) -> End {
        while true {
            let left = limit.map { max(0, $0 - clock()) } ?? .max
            let patience = min(left, isInDoubt ? (isMissing ? 1000 : 0) : Wait.standardTimeout)
            let reply = try client.call(
                Wait.self,
                .init(
                    id: id, queue: queue,
                    timeout: patience == Wait.standardTimeout ? nil : patience))
            if let job = reply.job { return .ended(job) }
            if limit.map({ $0 <= clock() }) ?? false { return .notYet }
            waitsToLook -= 1
            if reply.isRemembered == false && !isForgotten {
                (isForgotten, isInDoubt, nextWaits) = (true, true, 1)
            }
            if waitsToLook <= 0 { isInDoubt = true }
            if isInDoubt, let end = try look(&client) { return end }
            try tellOnce(&client, tell)
        }
    }

    /// Looks through the queues. `nil`: it is there, or has to be looked for once more.
    private mutating func look(
        _ client: inout ControlClient
    ) throws(ControlClientError) -> End? {
        let found = try client.call(Show.self, .init(id: id)).jobs.filter { $0.queue == queue }
        if found.contains(where: { ![.dead, .done].contains($0.state) }) {
            (isInDoubt, isMissing) = (false, false)
            nextWaits = min(2 * nextWaits, Self.rarestWaits)
            waitsToLook = nextWaits
            return nil
        }
        if let end = found.last { return .ended(end) }
        // On its way from one state to the next it may have been overlooked.
        if isMissing { return .gone }
        (isInDoubt, isMissing) = (true, true)
        return nil
    }

    /// After the first wait: whether anything stands in the way.
    private mutating func tellOnce(
        _ client: inout ControlClient, _ tell: (String) -> Void
    ) throws(ControlClientError) {
        guard !hasTold, !isInDoubt else { return }
        hasTold = true
        let known = try client.call(GetQueues.self).queues.first { $0.queue == queue }
        let name = TerminalText.escaped(queue)
        if known?.isPaused == true {
            tell("queue \(name) is paused\n")
        } else if known?.workers == 0 {
            tell("no daemon works on queue \(name)\n")
        }
    }

    /// Ten minutes, and some five hours.
    private static let rareWaits = 30
    private static let rarestWaits = 1000
}
