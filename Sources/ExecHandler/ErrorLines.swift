import ChildProcesses
import JobQueue
import Synchronization

/// What a command writes to standard error while it runs one job: into the log with the job's fields, and
/// a few lines to be kept with the reason of a failure.
package final class ErrorLines: Sendable {
    private struct State {
        var kept = KeptLines()
        /// Bytes of lines that were too long.
        var dropped = 0
    }

    private let log: Logger
    /// Stands before each line.
    private let prefix: String
    private let state = Mutex(State())

    package init(log: Logger, prefix: String = "") {
        self.log = log
        self.prefix = prefix
    }

    /// What a command's standard error is read with.
    package static func use(_ take: @escaping @Sendable (OutputLine) -> Void) -> OutputUse {
        .lines(each: LogText.maxBytes, total: limit, take)
    }

    package func add(_ output: OutputLine) {
        let line = PrefixedLine(output.bytes)
        // What is beyond the total is told as so many bytes.
        if !output.isBeyondTotal { log.log(line.level, prefix + line.text) }
        state.withLock { state in
            if !output.isBeyondTotal { state.dropped += output.dropped }
            state.kept.add(line.text)
        }
    }

    /// Nothing more comes: tells how much there was that is not in the log.
    ///
    /// - Parameter more: bytes that were dropped before they came here.
    package func end(dropped more: Int) {
        let count = state.withLock { $0.dropped } + more
        guard count > 0 else { return }
        log.warning("\(prefix)\(count) bytes more on standard error were dropped")
    }

    /// What is kept with a reason, as one line; see `KeptLines`.
    package var lastLines: String { state.withLock { $0.kept.text } }

    /// So many bytes of a job's lines go into the log; the rest is read and dropped.
    static let limit = 1 << 20
}
