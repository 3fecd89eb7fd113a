import JobQueue

/// Lines that wait to be written, oldest first. Bounded: what does not fit is dropped and counted, and
/// the next line that fits is preceded by how many were lost.
struct LogQueue {
    enum Entry: Equatable {
        case record(LogRecord)
        /// So many lines are missing here.
        case lost(Int)
    }

    private let maxRecords: Int
    private let maxBytes: Int
    /// Newest last.
    private var incoming: [Entry] = []
    /// Oldest last.
    private var outgoing: [Entry] = []
    private var bytes = 0
    private var unreported = 0
    /// Lines that were lost since the beginning.
    private(set) var lost = 0

    init(maxRecords: Int = 4_096, maxBytes: Int = 4 << 20) {
        self.maxRecords = maxRecords
        self.maxBytes = maxBytes
    }

    private var count: Int { incoming.count + outgoing.count }

    mutating func add(_ record: LogRecord) {
        let size = Self.size(of: record)
        let entries = unreported > 0 ? 2 : 1
        guard count + entries <= maxRecords, bytes + size <= maxBytes else {
            lost += 1
            unreported += 1
            return
        }
        if unreported > 0 { incoming.append(.lost(unreported)) }
        unreported = 0
        incoming.append(.record(record))
        bytes += size
    }

    mutating func next() -> Entry? {
        if outgoing.isEmpty {
            outgoing = incoming.reversed()
            incoming = []
        }
        let entry = outgoing.popLast()
        if case .record(let record) = entry { bytes -= Self.size(of: record) }
        return entry
    }

    /// Takes note that `entry`, which was taken out, could not be written.
    mutating func giveUp(_ entry: Entry) {
        switch entry {
        case .record:
            lost += 1
            unreported += 1
        case .lost(let count): unreported += count
        }
    }

    /// About what a record takes in memory: its text, and its fields at their longest.
    private static func size(of record: LogRecord) -> Int { record.message.utf8.count + 512 }
}
