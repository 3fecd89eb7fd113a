import JobQueue
import LinuxSystem
import Synchronization

/// Sees from a thread of its own whether the event loop turns: a loop that is stuck cannot say so, and the
/// service manager kills it without knowing why.
final class LoopWatch: Sendable {
    private let hasEnded = Atomic(false)
    private let signOfLife: WakeUp

    /// Starts the watch.
    ///
    /// - Parameter patience: the loop is stuck when nothing was heard of it for so long.
    init(patience: Duration, log: any LogSink) throws {
        signOfLife = try WakeUp()
        try BackgroundThread.start(named: "loop-watch") { [self] in
            var isStuck = false
            while true {
                let isAlive = signOfLife.wait(within: isStuck ? nil : patience)
                if hasEnded.load(ordering: .acquiring) { return }
                if isAlive == !isStuck { continue }
                isStuck = !isAlive
                log.write(
                    isStuck
                        ? LogRecord(
                            level: .error,
                            message: "the event loop is stuck: the watchdog is not fed any more")
                        : LogRecord(level: .notice, message: "the event loop turns again"))
            }
        }
    }

    /// Called on the loop, more often than its patience is long.
    func isAlive() { signOfLife.signal() }

    /// The last call: the thread ends.
    func end() {
        hasEnded.store(true, ordering: .releasing)
        signOfLife.signal()
    }
}
