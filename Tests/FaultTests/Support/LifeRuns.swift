import JobQueue
import TestSupport

/// The handlers of a `Life`, and what they saw.
final class LifeRuns: Sendable {
    struct State: Sendable {
        /// How often the job itself was started.
        var started = 0
        /// The names of the runs that came to their end.
        var ended: [String] = []
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

    /// A job that carries its name.
    static func job(named name: String) -> NewJob {
        NewJob(type: type, payload: Payload(Array("\"\(name)\"".utf8)))
    }

    static func name(_ payload: Payload) -> String { payload.text.filter { $0 != "\"" } }

    func handlers(for kind: Life.Kind) -> HandlerRegistry {
        var handlers = HandlerRegistry()
        let retry = RetryPolicy(base: .milliseconds(10), max: .milliseconds(10))
        handlers.register(Self.type.description, options: HandlerOptions(retry: retry)) { job, _ in
            let name = Self.name(job.payload)
            let isProbe = name == LifeStage.probeName
            let before = self.state.update { state in
                if kind != .plain || isProbe, job.id.description != name {
                    state.mistaken.append("mistaken: \(job.id) came with \(job.payload.text)")
                }
                defer { if !isProbe { state.started += 1 } }
                return state.started
            }
            if !isProbe { try await self.misbehave(kind, job, startedBefore: before) }
            self.state.update { $0.ended.append(name) }
        }
        return handlers
    }

    private func misbehave(_ kind: Life.Kind, _ job: Job, startedBefore: Int) async throws {
        switch kind {
        case .plain, .named, .unique: break
        case .retried: if job.attempt == 1 { throw Failure() }
        case .deadLettered: throw SkipRetry(Self.deadReason)
        // The first daemon never finishes it.
        case .released: if startedBefore == 0 { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    private struct Failure: Error {}

    private static let type = JobType("life") ?? preconditionType()

    private static func preconditionType() -> JobType {
        preconditionFailure("the type of the tests' jobs is no type")
    }
}
