import JobQueue
import Testing

/// A broker in memory that fails when it is told to, and keeps every call in order.
final class BrokerDouble: WorkerBroker, UpkeepBroker {
    /// One call, or a mark that a test has set between calls.
    enum Call: Sendable, Hashable {
        case claim(QueueName, count: Int)
        case claimAside(QueueName, JobType, count: Int)
        case finish([LeaseToken])
        case heartbeat
        case waitForWork(QueueName)
        case renewIdentity(String)
        case retire
        case abandon
        case promoteDue(QueueName)
        case recover(QueueName)
        case trimDead(QueueName, DeadLimits)
        case mark(String)

        var kind: Kind? {
            switch self {
            case .claim: .claim
            case .claimAside: .claimAside
            case .finish: .finish
            case .heartbeat: .heartbeat
            case .waitForWork: .waitForWork
            case .renewIdentity: .renewIdentity
            case .retire: .retire
            case .abandon: .abandon
            case .promoteDue: .promoteDue
            case .recover: .recover
            case .trimDead: .trimDead
            case .mark: nil
            }
        }
    }

    enum Kind: Sendable, Hashable {
        case claim, finish, heartbeat, waitForWork, renewIdentity, retire, abandon, promoteDue
        case recover, claimAside, trimDead
    }

    /// What goes wrong with one call.
    enum Fault: Sendable {
        /// It is not carried out, and throws.
        case fail(any Error)
        /// It is carried out, and throws.
        case loseAnswer(any Error)
        /// It is carried out when the gate opens.
        case hold(Gate)
        /// It is carried out at once, and answered when the gate opens.
        case holdAnswer(Gate)
        /// It goes well; before, the closure runs.
        case first(@Sendable () -> Void)
    }

    struct State: Sendable {
        var jobs = QueuesInMemory()
        var calls: [Call] = []
        /// How many calls of a kind went well.
        fileprivate(set) var answers: [Kind: Int] = [:]
        /// Whether jobs come along with the end of a wait for work.
        var wakeUpsBringJobs = false
        /// Every batch that was to be written, as it came.
        var batches: [[Finish]] = []
        /// What befalls the next calls of a kind, in order.
        fileprivate var faults: [Kind: [Fault]] = [:]
        /// What befalls all calls of a kind for which there is no fault of their own.
        fileprivate var lasting: [Kind: any Error] = [:]
        /// Answers to come, in order; then "nothing is there".
        fileprivate var promotions: [(moved: Int, nextDue: Duration?)] = []
        fileprivate var recoveries: [RecoveryRound] = []
        fileprivate var trims: [TrimmedSlice] = []

        func count(of kind: Kind) -> Int { calls.count { $0.kind == kind } }

        /// Whether faults for the next calls of a kind are left.
        func hasFaults(_ kind: Kind) -> Bool { faults[kind]?.isEmpty == false }

        /// The calls of some kinds, and the marks, in order.
        func calls(of kinds: Kind...) -> [Call] {
            calls.filter { $0.kind.map(kinds.contains) ?? true }
        }
    }

    let state = Changing(State())

    // MARK: - For tests

    var calls: [Call] { state.value.calls }
    var jobs: QueuesInMemory { state.value.jobs }

    /// Puts jobs at the tail of a queue.
    func push(_ ids: [String], to queue: QueueName = .default) {
        push(records: ids.map { Sample.record($0) }, to: queue)
    }

    func push(records: [[UInt8]], to queue: QueueName = .default) {
        state.update { $0.jobs.push(records, to: queue) }
    }

    /// The next calls of `kind` meet these faults, one each.
    func next(_ kind: Kind, _ faults: Fault...) {
        state.update { $0.faults[kind, default: []] += faults }
    }

    /// All calls of `kind` fail from now on; `nil`: they are carried out again.
    func always(_ kind: Kind, _ error: (any Error)?) {
        state.update { $0.lasting[kind] = error }
    }

    func promotions(_ answers: (moved: Int, nextDue: Duration?)...) {
        state.update { $0.promotions += answers }
    }

    func recoveries(_ answers: RecoveryRound...) {
        state.update { $0.recoveries += answers }
    }

    func trims(_ answers: TrimmedSlice...) { state.update { $0.trims += answers } }

    func mark(_ text: String) { state.update { $0.calls.append(.mark(text)) } }

    /// Waits for the call of this kind that has this number, counted from 1.
    func expectCall(
        _ kind: Kind, number: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await state.expect("call \(number) of \(kind)", sourceLocation: sourceLocation) {
            $0.count(of: kind) >= number
        }
    }

    /// Waits until so many calls of this kind went well. Whoever called goes on before the test does.
    func expectAnswer(
        _ kind: Kind, number: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await state.expect("answer \(number) to \(kind)", sourceLocation: sourceLocation) {
            $0.answers[kind, default: 0] >= number
        }
    }

    /// Waits until the jobs are as `condition` wants them.
    func expectJobs(
        _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: @escaping @Sendable (QueuesInMemory) -> Bool
    ) async throws {
        try await state.expect(comment, sourceLocation: sourceLocation) { condition($0.jobs) }
    }

    // MARK: - The worker's face

    func claim(
        _ count: Int, from queue: QueueName, _ source: ClaimSource
    ) async throws -> ClaimReply {
        let call: Call =
            switch source {
            case .pending: .claim(queue, count: count)
            case .aside(let type): .claimAside(queue, type, count: count)
            }
        return try await carryOut(call) { jobs throws(BrokerError) in
            try jobs.claim(count, from: queue, source)
        }
    }

    /// Asked again and again, whatever a test is about: it is not among the calls.
    func typesAside() async throws -> [QueueName: [JobType]] {
        state.value.jobs.queues.mapValues { Array($0.aside.keys) }
    }

    func finish(_ batch: [Finish]) async throws -> [FinishResult] {
        state.update { $0.batches.append(batch) }
        return try await carryOut(.finish(batch.map(\.token))) { $0.finish(batch) }
    }

    func heartbeat() async throws {
        try await carryOut(.heartbeat) { jobs throws(BrokerError) in try jobs.checkLease() }
    }

    func waitForWork(in queue: QueueName, claiming count: Int) async throws -> ClaimReply {
        let bringsJobs = state.value.wakeUpsBringJobs
        return try await carryOut(.waitForWork(queue), until: { $0.hasWork(in: queue) }) {
            jobs throws(BrokerError) in
            bringsJobs && count > 0 ? try jobs.claim(count, from: queue) : .notAsked
        }
    }

    func renewIdentity(after worker: String) async -> Bool {
        state.update { state in
            state.calls.append(.renewIdentity(worker))
            return state.jobs.renewIdentity(after: worker)
        }
    }

    func retire() async throws { try await carryOut(.retire) { _ in } }

    /// What a test holds stays held: it lets go what a broker would.
    func abandon() async { state.update { $0.calls.append(.abandon) } }

    // MARK: - The face for upkeep

    func promoteDue(in queue: QueueName) async throws -> (moved: Int, nextDue: Duration?) {
        try await carryOut(.promoteDue(queue)) { _ in }
        return state.update { $0.promotions.isEmpty ? (0, nil) : $0.promotions.removeFirst() }
    }

    func recover(in queue: QueueName) async throws -> RecoveryRound {
        try await carryOut(.recover(queue)) { _ in }
        return state.update { state in
            state.recoveries.isEmpty
                ? RecoveryRound(nextLook: nil) : state.recoveries.removeFirst()
        }
    }

    func recoverFormerSelf(_ worker: WorkerID) async throws -> [Recovery] { [] }

    func trimDead(in queue: QueueName, to limits: DeadLimits) async throws -> TrimmedSlice {
        try await carryOut(.trimDead(queue, limits)) { _ in }
        return state.update { state in
            state.trims.isEmpty
                ? TrimmedSlice(dropped: 0, hasMore: false) : state.trims.removeFirst()
        }
    }

    // MARK: - Faults

    private func carryOut<Answer: Sendable>(
        _ call: Call, until mayBegin: (@Sendable (QueuesInMemory) -> Bool)? = nil,
        _ change: @Sendable (inout QueuesInMemory) throws(BrokerError) -> Answer
    ) async throws -> Answer {
        let fault = state.update { state -> Fault? in
            state.calls.append(call)
            guard let kind = call.kind else { return nil }
            guard state.faults[kind, default: []].isEmpty else {
                return state.faults[kind]?.removeFirst()
            }
            return state.lasting[kind].map { .fail($0) }
        }
        switch fault {
        case .fail(let error): throw error
        case .hold(let gate): try await gate.pass()
        case .first(let action): action()
        case .loseAnswer, .holdAnswer, nil: break
        }
        if let mayBegin { try await state.wait { mayBegin($0.jobs) } }
        let answer = state.update { state in
            Result { () throws(BrokerError) in try change(&state.jobs) }
        }
        switch fault {
        case .loseAnswer(let error): throw error
        case .holdAnswer(let gate): try await gate.pass()
        case .fail, .hold, .first, nil: break
        }
        let value = try answer.get()
        if let kind = call.kind { state.update { $0.answers[kind, default: 0] += 1 } }
        return value
    }
}
