import ChildProcesses
import JobQueue
import Synchronization

/// When the command of each handler file was last known to be good. A command, its directory or its whole
/// handler file that is missing for a moment, as in the middle of a deploy, then costs a job one attempt
/// and not its life.
///
/// Kept in memory: a daemon that was just started knows what its files say, and nothing of before.
package final class KnownHandlers: Sendable {
    /// What becomes of a job whose type has no handler, or whose command is missing.
    package enum Rule: String, Sendable {
        /// Dead at once, unless the handler was known within the last hour.
        case dead
        /// A failed attempt, always.
        case retry
    }

    private struct State {
        var rule: Rule
        var known: [JobTypePattern: MonotonicTime] = [:]
    }

    private let state: Mutex<State>
    private let clock: any JobClock

    package init(_ rule: Rule = .dead, clock: any JobClock) {
        state = Mutex(State(rule: rule))
        self.clock = clock
    }

    /// What holds from now on.
    package var rule: Rule {
        get { state.withLock { $0.rule } }
        set { state.withLock { $0.rule = newValue } }
    }

    /// The file for `pattern` was read and its command was there, or the command was started.
    package func note(_ pattern: JobTypePattern) {
        let now = clock.now
        state.withLock { $0.known[pattern] = now }
    }

    /// Forgets what was known too long ago to matter.
    ///
    /// - Returns: what is still known.
    package func prune() -> Set<JobTypePattern> {
        let now = clock.now
        return state.withLock { state in
            state.known = state.known.filter { now.since($0.value) <= Self.memory }
            return Set(state.known.keys)
        }
    }

    /// What a job of `pattern` fails with whose command was not started.
    func failure(_ error: ChildProcessError, of pattern: JobTypePattern) -> any Error {
        switch error.duration {
        case .passing:
            if case .noResources = error {
                PutOff(CommandHandler.putOff, error.description)
            } else {
                error
            }
        case .untilFilesChange where retries(pattern):
            CommandFailure(description: error.description)
        case .untilFilesChange, .lasting: SkipRetry(error.description)
        }
    }

    /// What a job of `type` fails with that has no handler any more; `pattern` is that of its former
    /// one, `nil`: it had none.
    package func failure(ofMissing type: JobType, former pattern: JobTypePattern?) -> any Error {
        let reason = "no handler for type \(type)"
        guard retries(pattern) else { return SkipRetry(reason) }
        return CommandFailure(description: pattern == nil ? reason : "\(reason) any more")
    }

    private func retries(_ pattern: JobTypePattern?) -> Bool {
        let now = clock.now
        return state.withLock { state in
            if state.rule == .retry { return true }
            guard let known = pattern.flatMap({ state.known[$0] }) else { return false }
            return now.since(known) <= Self.memory
        }
    }

    private static let memory = Duration.seconds(3600)
}
