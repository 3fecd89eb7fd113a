/// Cuts a stream of bytes into lines of bounded length, whatever the bytes are and however they come.
package struct LineSplitter {
    private let limit: Int
    private var line: [UInt8] = []
    private var dropped = 0

    /// - Parameter limit: the bytes that are kept of a line; the rest is counted.
    package init(limit: Int) { self.limit = limit }

    /// Takes what came, and gives each line that it completes.
    package mutating func take(_ bytes: ArraySlice<UInt8>, _ give: (OutputLine) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<end])
            give(next())
            rest = rest[(end + 1)...]
        }
        append(rest)
    }

    /// Gives what came after the last line break, if anything did.
    package mutating func end(_ give: (OutputLine) -> Void) {
        if !line.isEmpty || dropped > 0 { give(next()) }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
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
