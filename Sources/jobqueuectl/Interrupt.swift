import Glibc
import LinuxSystem
import Synchronization

/// What SIGINT and SIGTERM say before they end the program.
final class Interrupt: Sendable {
    private let text: String

    /// From now on the signals are heard by a thread of their own, and by no other.
    ///
    /// - Parameter text: For standard error.
    static func say(_ text: String) {
        ProcessSignals.block([SIGINT, SIGTERM])
        let interrupt = Interrupt(text)
        do {
            try BackgroundThread.start(named: "interrupt") { interrupt.wait() }
        } catch {
            // Without a thread the signals end the program as they would have, without a word.
            ProcessSignals.unblock([SIGINT, SIGTERM])
        }
    }

    private init(_ text: String) { self.text = text }

    private func wait() {
        let signal = ProcessSignals.next(of: [SIGINT, SIGTERM])
        // Whether anybody reads it makes no difference to what follows.
        try? LineOutput(descriptor: STDERR_FILENO).write(Array(text.utf8))
        ProcessSignals.end(by: signal)
    }
}
