import JobQueue
import TestSupport

/// The worker's side of a broker that holds one record at most, and is silent where a test wants it.
final class WorkerBrokerDouble: WorkerBroker {
    enum Call: Sendable { case claim, finish, heartbeat }

    struct State: Sendable {
        var record: [UInt8]?
        /// Calls that are not answered.
        var silent: Set<Call> = []
        /// Thrown by every claim.
        var claimError: BrokerError?
        var heartbeats = 0
        fileprivate var cancellations = 0
    }

    let state = Watched(State())

    func claim(
        _ count: Int, from queue: QueueName, _ source: ClaimSource
    ) async throws -> ClaimReply {
        try await answer(.claim)
        if let error = state.value.claimError { throw error }
        let record = state.update { state in
            defer { state.record = nil }
            return state.record
        }
        let token = LeaseToken(
            worker: WorkerID(unixMilliseconds: 0, random: 1), queue: queue, number: 1)
        let claims = record.map { [Claim(token: token, envelope: $0)] } ?? []
        return ClaimReply(claims: claims, rest: .empty)
    }

    func typesAside() async throws -> [QueueName: [JobType]] { [:] }

    func finish(_ batch: [Finish]) async throws -> [FinishResult] {
        try await answer(.finish)
        return batch.map { _ in .written }
    }

    func heartbeat() async throws {
        try await answer(.heartbeat)
        state.update { $0.heartbeats += 1 }
    }

    func waitForWork(in queue: QueueName, claiming count: Int) async throws -> ClaimReply {
        try await wait { $0.record != nil || !$0.silent.isDisjoint(with: [.claim]) }
        return .notAsked
    }

    func renewIdentity(after worker: String) async -> Bool { false }
    func retire() async throws {}

    private func answer(_ call: Call) async throws {
        try await wait { !$0.silent.contains(call) }
    }

    /// Suspends until the state satisfies `condition` or the task is cancelled.
    private func wait(until condition: @escaping @Sendable (State) -> Bool) async throws {
        await withTaskCancellationHandler {
            while true {
                // In this order, so that no cancellation is missed.
                let seen = state.value.cancellations
                if Task.isCancelled || condition(state.value) { break }
                _ = await state.wait(within: .seconds(3_600)) {
                    condition($0) || $0.cancellations != seen
                }
            }
        } onCancel: {
            state.update { $0.cancellations += 1 }
        }
        try Task.checkCancellation()
    }
}

extension Worker {
    /// A worker on `broker` whose handler of type `work` ends at once.
    static func forTests(
        on broker: any WorkerBroker = WorkerBrokerDouble(), slots: Int = 2,
        clock: any JobClock = SteppedClock(), lease: Duration = .seconds(15)
    ) -> Worker {
        var registry = HandlerRegistry()
        registry.register("work") { _, _ in }
        var options = WorkerOptions(slots: slots, schedule: QueueSchedule(strict: [.default]))
        options.lease = lease
        return Worker(
            broker: broker, registry: registry, options: options, clock: clock, random: .system,
            recorder: NoRecorder(), log: LogCapture())
    }
}

private struct NoRecorder: JobEventRecorder {
    func record(_ events: [JobEvent]) {}
    func recovered(_ recovery: Recovery) {}
    func trimmed(_ count: Int, of queue: QueueName) {}
}
