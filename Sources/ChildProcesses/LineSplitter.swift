/// Cuts a stream of bytes into lines of bounded length, whatever the bytes are and however they come.
package struct LineSplitter {
    private let limit: Int
    private let givesLongLinesAtOnce: Bool
    private var line: [UInt8] = []
    private var dropped = 0
    /// It was given as soon as it was too long; its end is not there yet.
    private var isGiven = false

    /// - Parameters:
    ///   - limit: the bytes that are kept of a line; the rest is counted.
    ///   - givesLongLinesAtOnce: A line that is longer is given as soon as that is known, with what was
    ///     dropped by then, and not when it ends: that may be never.
    package init(limit: Int, givesLongLinesAtOnce: Bool = false) {
        self.limit = limit
        self.givesLongLinesAtOnce = givesLongLinesAtOnce
    }

    /// Takes what came, and gives each line that it completes.
    package mutating func take(_ bytes: ArraySlice<UInt8>, _ give: (OutputLine) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<end])
            if !isGiven { give(next()) }
            isGiven = false
            rest = rest[(end + 1)...]
        }
        append(rest)
        if givesLongLinesAtOnce, dropped > 0, !isGiven {
            give(next())
            isGiven = true
        }
    }

    /// Gives what came after the last line break, if anything did.
    package mutating func end(_ give: (OutputLine) -> Void) {
        if !isGiven, !line.isEmpty || dropped > 0 { give(next()) }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if isGiven { return }
        let kept = bytes.prefix(limit - line.count)
        line += kept
        dropped += bytes.count - kept.count
    }

    private mutating func next() -> OutputLine {
        defer {
            line.removeAll()
            dropped = 0
        }
        return OutputLine(bytes: line, dropped: dropped)
    }
}
