/// Keeps or hands over what a child writes to one of its outputs.
struct OutputSink {
    private var kept = KeptOutput()
    private var room: Int
    private var splitter: LineSplitter?
    /// The last of what came after there was no room; `nil`: nothing of that is wanted.
    private var beyond: [UInt8]?
    private let lineLimit: Int
    private let giveLine: (OutputLine) -> Void
    private var isClosed: () -> Void = {}

    init(_ use: OutputUse) {
        switch use {
        case .dropped:
            room = 0
            lineLimit = 0
            giveLine = { _ in }
        case .kept(let limit):
            room = limit
            lineLimit = 0
            giveLine = { _ in }
        case .lines(let each, let total, let give):
            room = total
            lineLimit = each
            splitter = LineSplitter(limit: each, readsAsTerminal: true)
            beyond = []
            giveLine = give
        case .answers(let limit, let give, let isClosed):
            self.isClosed = isClosed
            room = .max
            lineLimit = limit
            splitter = LineSplitter(limit: limit, givesLongLinesAtOnce: true)
            giveLine = give
        }
    }

    mutating func take(_ bytes: [UInt8]) {
        let taken = bytes.prefix(room)
        room -= taken.count
        kept.dropped += bytes.count - taken.count
        guard splitter != nil else {
            kept.bytes += taken
            return
        }
        splitter?.take(taken, giveLine)
        if taken.count < bytes.count { keepLast(of: bytes[taken.endIndex...]) }
    }

    private mutating func keepLast(of bytes: ArraySlice<UInt8>) {
        guard beyond != nil else { return }
        beyond? += bytes.suffix(Self.beyondLength)
        if let count = beyond?.count, count > Self.beyondLength {
            beyond?.removeFirst(count - Self.beyondLength)
        }
    }

    /// Nobody can write any more.
    mutating func close() {
        splitter?.end(giveLine)
        isClosed()
    }

    /// Begins anew to count what is handed over, and what is dropped.
    ///
    /// - Returns: how much was dropped until now.
    mutating func renew(total: Int) -> Int {
        defer { kept.dropped = 0 }
        // The rest of a line of which the beginning was too much already would seem to be a line.
        if room == 0 { splitter?.end(giveLine) }
        giveBeyond()
        room = total
        return kept.dropped
    }

    /// Nothing more comes.
    mutating func end() -> KeptOutput {
        splitter?.end(giveLine)
        giveBeyond()
        splitter = nil
        return kept
    }

    /// Hands over the last lines that came after there was no room.
    private mutating func giveBeyond() {
        guard let bytes = beyond, !bytes.isEmpty else { return }
        beyond = []
        var rest = bytes[...]
        // The first one is the end of a line of which the beginning is gone.
        if let end = rest.firstIndex(of: UInt8(ascii: "\n")), end + 1 < rest.endIndex {
            rest = rest[(end + 1)...]
        }
        var splitter = LineSplitter(limit: lineLimit, readsAsTerminal: true)
        let give = { [giveLine] (line: OutputLine) in
            giveLine(
                OutputLine(bytes: line.bytes, dropped: line.dropped, isBeyondTotal: true))
        }
        splitter.take(rest, give)
        splitter.end(give)
    }

    private static let beyondLength = 8 << 10
}
