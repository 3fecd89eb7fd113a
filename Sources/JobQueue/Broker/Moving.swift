/// How far an export has come. It goes through the queues by name, and of each through the dead, the
/// scheduled and the pending jobs: a job that becomes due, or is requeued, meanwhile is met again rather than
/// overlooked.
package struct ExportPosition: Sendable, Equatable {
    package let queue: QueueName
    package let state: JobState
    /// Behind which record; the broker's own numbers. `nil`: at the beginning.
    package var place: Int64?
    package var row: Int64 = 0

    package init(queue: QueueName, state: JobState, place: Int64? = nil, row: Int64 = 0) {
        self.queue = queue
        self.state = state
        self.place = place
        self.row = row
    }

    private static let states: [JobState] = [.dead, .scheduled, .pending]

    /// Where an export begins; `nil`: there is nothing. `queues` are sorted by name.
    package static func first(of queues: [QueueName]) -> ExportPosition? {
        queues.first.map { ExportPosition(queue: $0, state: states[0]) }
    }

    /// The beginning of what comes after this queue's jobs of this state; `nil`: nothing.
    package func following(among queues: [QueueName]) -> ExportPosition? {
        if let index = Self.states.firstIndex(of: state), index + 1 < Self.states.count {
            return ExportPosition(queue: queue, state: Self.states[index + 1])
        }
        return Self.first(of: queues.filter { $0.description > queue.description })
    }
}

/// As text, to be handed back by a client: queue, state, place and row, or only the first two.
extension ExportPosition: LosslessStringConvertible {
    package var description: String {
        let beginning = "\(queue) \(state.rawValue)"
        return place.map { "\(beginning) \($0) \(row)" } ?? beginning
    }

    package init?(_ description: String) {
        let parts = description.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 4, let queue = QueueName(String(parts[0])),
            let state = JobState(rawValue: String(parts[1])), Self.states.contains(state)
        else { return nil }
        self.init(queue: queue, state: state)
        guard parts.count == 4 else { return }
        guard let place = Int64(parts[2]), let row = Int64(parts[3]) else { return nil }
        self.place = place
        self.row = row
    }
}

/// Some of the records that an export hands over.
package struct ExportPage: Sendable, Equatable {
    package var records: [JobRecord]
    /// Where the next page begins; `nil`: there is none.
    package var next: ExportPosition?

    package init(records: [JobRecord], next: ExportPosition?) {
        self.records = records
        self.next = next
    }

    /// As many of the first records as have no more than so many bytes together, but at least one.
    package static func fitting(_ records: [JobRecord], bytes: Int) -> ArraySlice<JobRecord> {
        var room = bytes
        let end = records.dropFirst().firstIndex { record in
            room -= record.envelope.count
            return room < (records.first?.envelope.count ?? 0)
        }
        return records[..<(end ?? records.endIndex)]
    }
}

/// A job that another broker held.
package struct ImportedJob: Sendable, Equatable {
    /// It is remembered like a producer's own: the same job again adds nothing.
    package let id: JobID
    /// Its state is not active.
    package let record: JobRecord
    /// The unique key that it takes; `nil`: none. A dead job holds none, nor does one without an id of its
    /// own.
    package let uniqueKey: String?

    /// - Parameter id: Of a record that has none of its own.
    package init(_ record: JobRecord, otherwise id: JobID) {
        self.record = record
        let own = record.id
        self.id = own ?? id
        uniqueKey = record.state == .dead || own == nil ? nil : record.uniqueKey
    }
}

/// What became of a job that was to be imported.
package enum ImportResult: Sendable, Equatable {
    case added
    /// It, or one with its id, is or was there already.
    case known
    case refused(reason: String)
}

extension ImportResult {
    /// Another job holds the unique key.
    package static func refused(holder: some CustomStringConvertible) -> ImportResult {
        .refused(reason: "job \(holder) holds its unique key now")
    }
}
