import CLinux
import Glibc

/// The terminal that this process writes to.
package enum Terminal {
    /// How much of it is to be seen.
    package struct Size: Sendable, Equatable {
        package var rows: Int
        package var columns: Int

        package init(rows: Int, columns: Int) {
            self.rows = rows
            self.columns = columns
        }
    }

    /// Whether standard output is one. Wraps `isatty(3)`.
    package static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The size of the one on standard output; `nil` where it does not tell, as serial lines do not. Wraps
    /// `ioctl(2)` with TIOCGWINSZ.
    package static var size: Size? {
        var rows: Int32 = 0
        var columns: Int32 = 0
        guard clinux_terminal_size(STDOUT_FILENO, &rows, &columns) == 0, rows > 0, columns > 0
        else { return nil }
        return Size(rows: Int(rows), columns: Int(columns))
    }

    /// Takes it for a page that is shown anew, until the process ends.
    ///
    /// - Parameter isPlain: it knows no sequences that steer it.
    package static func take(isPlain: Bool) {
        if isPlain {
            clinux_take_terminal(Texts.nothing, Texts.nothing)
        } else {
            clinux_take_terminal(Texts.enter, Texts.leave)
        }
    }

    /// Gives it back before the process ends.
    package static func giveBack() { clinux_give_back_terminal() }

    /// What ended a wait.
    package enum Event: Sendable, Equatable {
        case key(UInt8)
        /// Such as another size, or going on after a stop.
        case signal
        case time
    }

    /// Waits for a key or a signal, for at most `limit`. Wraps `poll(2)`.
    package static func wait(atMost limit: Duration) -> Event {
        let (seconds, attoseconds) = limit.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        switch clinux_wait_for_key(Int32(clamping: max(0, milliseconds))) {
        case -1: return .signal
        case -2: return .time
        case let key: return .key(UInt8(truncatingIfNeeded: key))
        }
    }

    /// Texts that live as long as the process: the handlers of its signals write them.
    private enum Texts {
        /// The other screen, and no cursor on it.
        nonisolated(unsafe) static let enter = UnsafePointer(strdup("\u{1B}[?1049h\u{1B}[?25l"))
        nonisolated(unsafe) static let leave = UnsafePointer(strdup("\u{1B}[?25h\u{1B}[?1049l"))
        nonisolated(unsafe) static let nothing = UnsafePointer(strdup(""))
    }
}
