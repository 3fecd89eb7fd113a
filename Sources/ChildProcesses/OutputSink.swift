/// Keeps or hands over what a child writes to one of its outputs.
struct OutputSink {
    private var kept = KeptOutput()
    private var room: Int
    private var splitter: LineSplitter?
    private let giveLine: (OutputLine) -> Void

    init(_ use: OutputUse) {
        switch use {
        case .dropped:
            room = 0
            giveLine = { _ in }
        case .kept(let limit):
            room = limit
            giveLine = { _ in }
        case .lines(let each, let total, let give):
            room = total
            splitter = LineSplitter(limit: each)
            giveLine = give
        case .answers(let limit, let give):
            room = .max
            splitter = LineSplitter(limit: limit, givesLongLinesAtOnce: true)
            giveLine = give
        }
    }

    mutating func take(_ bytes: [UInt8]) {
        let taken = bytes.prefix(room)
        room -= taken.count
        kept.dropped += bytes.count - taken.count
        if splitter == nil {
            kept.bytes += taken
        } else {
            splitter?.take(taken, giveLine)
        }
    }

    /// Begins anew to count what is handed over, and what is dropped.
    ///
    /// - Returns: how much was dropped until now.
    mutating func renew(total: Int) -> Int {
        defer { kept.dropped = 0 }
        // The rest of a line of which the beginning was too much already would seem to be a line.
        if room == 0 { splitter?.end(giveLine) }
        room = total
        return kept.dropped
    }

    /// Nothing more comes.
    mutating func end() -> KeptOutput {
        splitter?.end(giveLine)
        splitter = nil
        return kept
    }
}
