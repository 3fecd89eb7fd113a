/// Cuts a stream of bytes into lines of bounded length, whatever the bytes are and however they come.
package struct LineSplitter {
    private let limit: Int
    private let givesLongLinesAtOnce: Bool
    private let readsAsTerminal: Bool
    private var line: [UInt8] = []
    /// The last bytes of a line that is too long.
    private var tail: [UInt8] = []
    private var dropped = 0
    /// It was given as soon as it was too long; its end is not there yet.
    private var isGiven = false
    /// A carriage return came last: what follows in this line overwrites it.
    private var isAtReturn = false

    /// - Parameters:
    ///   - limit: the bytes that are kept of a line; the rest is counted.
    ///   - givesLongLinesAtOnce: A line that is longer is given as soon as that is known, with what was
    ///     dropped by then, and not when it ends: that may be never.
    ///   - readsAsTerminal: A carriage return goes back to the beginning of the line, and the last of what
    ///     is written over each other stays, as of a progress bar. Of a line that is too long its end is
    ///     kept, too.
    package init(limit: Int, givesLongLinesAtOnce: Bool = false, readsAsTerminal: Bool = false) {
        self.limit = limit
        self.givesLongLinesAtOnce = givesLongLinesAtOnce
        self.readsAsTerminal = readsAsTerminal
    }

    /// Takes what came, and gives each line that it completes.
    package mutating func take(_ bytes: ArraySlice<UInt8>, _ give: (OutputLine) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<end])
            if !isGiven { give(next()) }
            isGiven = false
            isAtReturn = false
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
        isAtReturn = false
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if isGiven { return }
        guard readsAsTerminal else { return keep(bytes) }
        var rest = bytes
        while !rest.isEmpty {
            let part = rest.prefix { $0 != UInt8(ascii: "\r") }
            if !part.isEmpty {
                if isAtReturn { clear() }
                isAtReturn = false
                keep(part)
            }
            rest = rest[part.endIndex...]
            if !rest.isEmpty {
                isAtReturn = true
                rest = rest.dropFirst()
            }
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        let kept = bytes.prefix(limit - line.count)
        line += kept
        let more = bytes[kept.endIndex...]
        dropped += more.count
        guard readsAsTerminal, !more.isEmpty else { return }
        tail += more.suffix(Self.tailLength)
        if tail.count > 2 * Self.tailLength { tail.removeFirst(tail.count - Self.tailLength) }
    }

    private mutating func clear() {
        line.removeAll()
        tail.removeAll()
        dropped = 0
    }

    private mutating func next() -> OutputLine {
        defer { clear() }
        guard !tail.isEmpty, limit > 2 * Self.tailLength else {
            return OutputLine(bytes: line, dropped: dropped)
        }
        var head = line.prefix(limit - Self.tailLength - Self.ellipsis.count)
        while let last = head.last, last & 0xC0 == 0x80 { head.removeLast() }
        if let last = head.last, last >= 0xC0 { head.removeLast() }
        let end = tail.suffix(Self.tailLength).drop { $0 & 0xC0 == 0x80 }
        return OutputLine(
            bytes: head + Self.ellipsis + end,
            dropped: line.count + dropped - head.count - end.count)
    }

    private static let tailLength = 512
    private static let ellipsis = Array("…".utf8)
}
