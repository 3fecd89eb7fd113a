import JobQueue
import TestSupport

/// The handlers of a `Life`, and what they saw.
final class LifeRuns: Sendable {
    struct State: Sendable {
        /// How often the job itself was started.
        var started = 0
        var holderHasStarted = false
        var gateIsOpen = false
        /// The names of the runs that came to their end.
        var ended: [String] = []
        /// The names of the jobs that nothing more is to be expected of.
        var over: Set<String> = []
        /// Jobs that came with another's payload.
        var mistaken: [String] = []
    }

    static let deadReason = "told to be dead"
    private let state = Watched(State())

    var value: State { state.value }

    /// - Returns: whether it came to that in time.
    func wait(
        within limit: Duration, until condition: @escaping @Sendable (State) -> Bool
    ) async -> Bool {
        await state.wait(within: limit, until: condition) != nil
    }

    /// The job that holds the daemon's slot may end.
    func openGate() { state.update { $0.gateIsOpen = true } }

    /// A job that carries its name, as its id and as its payload.
    static func job(named name: String) -> NewJob {
        var job = NewJob(type: type, payload: Payload(Array("\"\(name)\"".utf8)))
        job.id = JobID(name)
        return job
    }

    static func name(_ payload: Payload) -> String { payload.text.filter { $0 != "\"" } }

    func handlers(for kind: Life.Kind) -> HandlerRegistry {
        var handlers = HandlerRegistry()
        let retry = RetryPolicy(base: .milliseconds(10), max: .milliseconds(10))
        handlers.register(Self.type.description, options: HandlerOptions(retry: retry)) { job, _ in
            let name = Self.name(job.payload)
            switch name {
            case LifeStage.jobName:
                if kind != .plain { self.check(job, name) }
                try await self.live(kind, job)
            case LifeStage.holderName:
                self.check(job, name)
                self.state.update { $0.holderHasStarted = true }
                _ = await self.wait(within: Life.limit, until: \.gateIsOpen)
            default: self.check(job, name)
            }
            self.state.update { state in
                state.ended.append(name)
                state.over.insert(name)
            }
        }
        return handlers
    }

    private func check(_ job: Job, _ name: String) {
        guard job.id.description != name else { return }
        state.update { $0.mistaken.append("mistaken: \(job.id) came with \(job.payload.text)") }
    }

    private func live(_ kind: Life.Kind, _ job: Job) async throws {
        let number = state.update { state in
            state.started += 1
            return state.started
        }
        switch kind {
        case .plain, .named, .unique: break
        case .retried: if job.attempt == 1 { throw Failure() }
        case .deadLettered:
            state.update { _ = $0.over.insert(LifeStage.jobName) }
            throw SkipRetry(Self.deadReason)
        // The first daemon never finishes it.
        case .released: if number == 1 { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    private struct Failure: Error {}

    private static let type = JobType("life") ?? preconditionType()

    private static func preconditionType() -> JobType {
        preconditionFailure("the type of the tests' jobs is no type")
    }
}
