import JobQueue
import Testing

/// Handlers that run until a test lets them go, and the record of who ran.
final class HandlerDouble: Sendable {
    struct State: Sendable {
        /// Ids in the order of their starts.
        var started: [String] = []
        var running = 0
        /// The most that ran at the same time.
        var peak = 0
        /// Ids whose task was cancelled while they were held.
        var cancelled: [String] = []
        /// Ids that may go.
        fileprivate var released: Set<String> = []
        fileprivate var isOpen: Bool
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let state: Changing<State>

    /// - Parameter isOpen: Whether handlers return at once.
    init(isOpen: Bool = false) { state = Changing(State(isOpen: isOpen)) }

    /// A handler that is held; it throws when its task is cancelled.
    var held: JobHandler {
        { job, _ in try await self.run(job) { id in try await self.hold(id) } }
    }

    /// A handler that is held and does not care for cancellation.
    var stubborn: JobHandler {
        { job, _ in
            try await self.run(job) { id in
                await self.state.waitStubbornly { $0.isOpen || $0.released.contains(id) }
            }
        }
    }

    /// A handler that does `work`, which gets the id and the attempt's number.
    func doing(_ work: @escaping @Sendable (String, Int) async throws -> Void) -> JobHandler {
        { job, _ in try await self.run(job) { id in try await work(id, job.attempt) } }
    }

    /// Lets one job go.
    func release(_ id: String) { state.update { _ = $0.released.insert(id) } }

    /// Lets all go, now and later.
    func open() { state.update { $0.isOpen = true } }

    /// Waits until exactly these have started since the beginning, whatever their order.
    func expectStarted(
        _ ids: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await state.expect("started: \(ids)", sourceLocation: sourceLocation) {
            $0.started.count >= ids.count
        }
        #expect(state.value.started.sorted() == ids.sorted(), sourceLocation: sourceLocation)
    }

    private func run(
        _ job: Job, _ work: @Sendable (String) async throws -> Void
    ) async throws {
        let id = job.id.description
        state.update { state in
            state.started.append(id)
            state.running += 1
            state.peak = max(state.peak, state.running)
        }
        defer { state.update { $0.running -= 1 } }
        try await work(id)
    }

    private func hold(_ id: String) async throws {
        do {
            try await state.wait { $0.isOpen || $0.released.contains(id) }
        } catch {
            state.update { $0.cancelled.append(id) }
            throw error
        }
    }
}
