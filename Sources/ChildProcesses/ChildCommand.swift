import LinuxSystem

/// A program to run, with all that it gets.
package struct ChildCommand: Sendable {
    /// Not looked up in PATH, and never handed to a shell.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String]
    /// What the program is told is its name; `nil`: the executable's path.
    package var name: String?
    /// All variables that it sees.
    package var environment: [String: String]
    /// Where it starts; `nil`: where this process is.
    package var directory: String?
    package var limits = ProcessLimits()
    /// It gets a variable by which what it leaves behind is known, wherever that hides; see
    /// `ChildProcesses.init`.
    package var isMarked = false
    /// What it reads on standard input, then the end of it. It need not read it.
    package var input: [UInt8] = []
    /// Its input goes on after that, with what is sent to it, until that is closed.
    package var inputStaysOpen = false
    package var output = OutputUse.kept(atMost: 64 << 10)
    package var errors = OutputUse.kept(atMost: 64 << 10)
    /// How long it may take to end when it is told to, before it is killed.
    package var grace: Duration

    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        grace: Duration = .seconds(10)
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.grace = grace
    }

    /// What holds a NUL, which ends a string of C's; `nil`: nothing does.
    var partWithNUL: String? {
        func holdsNUL(_ text: String) -> Bool { text.utf8.contains(0) }
        if holdsNUL(executable) { return "its path" }
        if holdsNUL(name ?? "") { return "its name" }
        if holdsNUL(directory ?? "") { return "its directory" }
        if let index = arguments.firstIndex(where: holdsNUL) { return "its argument \(index + 1)" }
        for (key, value) in environment where holdsNUL(key) || holdsNUL(value) {
            return "the variable \(key)"
        }
        return nil
    }
}

/// What becomes of what a child writes. A child never waits for a reader.
package enum OutputUse: Sendable {
    /// Nothing of it comes here at all: the child writes to `/dev/null`.
    case dropped
    /// The first bytes are kept for the result; the rest is counted.
    case kept(atMost: Int)
    /// Each line is handed over as it comes, on the event loop, `each` bytes of it at most, as a terminal
    /// shows it. After `total` bytes the rest is counted, and of that the last lines are handed over at
    /// its end.
    case lines(each: Int, total: Int, @Sendable (_ line: OutputLine) -> Void)
    /// Each line is handed over as it comes, however many. One that is longer than `atMost` bytes is
    /// handed over, with its first bytes, as soon as that is known. `isClosed` is called, on the event
    /// loop, when nobody can write any more, be it because the child has ended.
    case answers(
        atMost: Int, @Sendable (_ line: OutputLine) -> Void, isClosed: @Sendable () -> Void)
}

/// A line that a child wrote, without the line break. It may hold any bytes.
package struct OutputLine: Sendable, Equatable {
    package let bytes: [UInt8]
    /// How many bytes of it were too many.
    package let dropped: Int
    /// It is one of the last that came after the total was used up.
    package let isBeyondTotal: Bool

    package init(bytes: [UInt8], dropped: Int, isBeyondTotal: Bool = false) {
        self.bytes = bytes
        self.dropped = dropped
        self.isBeyondTotal = isBeyondTotal
    }
}

/// What a child has come to.
package struct ChildResult: Sendable, Equatable {
    package let end: ProcessEnd
    /// It was told to end, because the task that ran it was cancelled.
    package let wasStopped: Bool
    package let output: KeptOutput
    package let errors: KeptOutput
    /// Bytes of its input that it has not read.
    package let unreadInput: Int
}

/// What was kept of an output.
package struct KeptOutput: Sendable, Equatable {
    /// Empty, where lines were handed over.
    package var bytes: [UInt8] = []
    /// Bytes that were read and neither kept nor handed over.
    package var dropped = 0

    package init(bytes: [UInt8] = [], dropped: Int = 0) {
        self.bytes = bytes
        self.dropped = dropped
    }
}
