import JobQueue
import LinuxSystem
import Synchronization
import Systemd

/// The daemon's log. Writing a line only puts it into a queue; a thread of its own takes it from there
/// to the journal or to standard error, and is the only one that waits when those do not read.
package final class LogWriter: LogSink {
    private let threshold: Atomic<Int>
    private let core: Core

    /// Starts the log's thread. It ends with the value, when all is written.
    ///
    /// - Parameter output: `nil` for the journal when standard error goes there, else standard error.
    package static func start(
        level: LogLevel, output: (any LogOutput)? = nil
    ) throws -> LogWriter {
        let core = try Core(output: output ?? defaultOutput())
        try BackgroundThread.start(named: "log") { core.run() }
        return LogWriter(level: level, core: core)
    }

    private static func defaultOutput() -> any LogOutput {
        if Journal.isConnected { JournalOutput() } else { StandardErrorOutput() }
    }

    private init(level: LogLevel, core: Core) {
        threshold = Atomic(level.rawValue)
        self.core = core
    }

    deinit { core.close() }

    /// The least level that is written; may be changed at any time.
    package var level: LogLevel {
        get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Puts a line into the queue, made into one line of bounded length; never waits. When the queue is
    /// full the line is dropped and counted.
    package func write(_ record: LogRecord) {
        guard level.includes(record.level) else { return }
        var record = record
        record.message = LogText.line(record.message)
        core.add(record)
    }

    /// Lines that were dropped since the start.
    package var droppedLines: Int { core.state.withLock { $0.queue.lost } }

    /// Blocks the calling thread until all is written: the last thing that a process does.
    ///
    /// - Returns: `false` when `limit` has passed first.
    @discardableResult
    package func flush(within limit: Duration) -> Bool { core.flush(within: limit) }
}

/// What the writers and the log's thread share.
private final class Core: Sendable {
    struct State {
        var queue = LogQueue()
        /// The thread has work and need not be woken.
        var isBusy = false
        var isClosed = false
    }

    private enum Step {
        case write(LogQueue.Entry)
        case wait, end
    }

    let state = Mutex(State())
    private let output: any LogOutput
    private let work: WakeUp
    private let rest: WakeUp

    init(output: any LogOutput) throws {
        self.output = output
        work = try WakeUp()
        rest = try WakeUp()
    }

    func add(_ record: LogRecord) {
        let wasBusy = state.withLock { state in
            state.queue.add(record)
            defer { state.isBusy = true }
            return state.isBusy
        }
        if !wasBusy { work.signal() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        work.signal()
    }

    func flush(within limit: Duration) -> Bool {
        let deadline = SystemClock.sinceBoot() + limit
        while state.withLock({ $0.isBusy }) {
            let left = deadline - SystemClock.sinceBoot()
            guard left > .zero, rest.wait(within: left) else { return false }
        }
        return true
    }

    /// The log's thread.
    func run() {
        while true {
            switch state.withLock({ Self.nextStep(&$0) }) {
            case .write(let entry):
                do {
                    try output.write(Self.record(of: entry))
                } catch {
                    // There is nowhere to say so. The count is shown in the metrics.
                    state.withLock { $0.queue.giveUp(entry) }
                }
            case .wait:
                rest.signal()
                work.wait()
            case .end:
                rest.signal()
                return
            }
        }
    }

    private static func nextStep(_ state: inout State) -> Step {
        if let entry = state.queue.next() { return .write(entry) }
        state.isBusy = false
        return state.isClosed ? .end : .wait
    }

    private static func record(of entry: LogQueue.Entry) -> LogRecord {
        switch entry {
        case .record(let record): record
        case .lost(let count):
            LogRecord(
                level: .warning, messageID: .linesDropped,
                message: "\(count) lines of the log were dropped here, because they were not read "
                    + "fast enough")
        }
    }
}
