/// How far an export has come. It goes through the queues by name, and of each through the dead, the
/// scheduled and the pending jobs: a job that becomes due, or is requeued, meanwhile is met again rather than
/// overlooked. In a queue that is paused nothing becomes due meanwhile.
package struct ExportPosition: Sendable, Equatable {
    package let queue: QueueName
    package let state: JobState
    /// The type of pending jobs that wait aside; `nil`: those of the line, which come last.
    package var aside: JobType?
    /// Behind which record; the broker's own numbers. `nil`: at the beginning.
    package var place: Int64?
    package var row: Int64 = 0

    package init(
        queue: QueueName, state: JobState, aside: JobType? = nil, place: Int64? = nil,
        row: Int64 = 0
    ) {
        self.queue = queue
        self.state = state
        self.aside = aside
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

extension ExportPosition {
    /// Whether `following` is to be told which types of jobs wait aside in this queue.
    package var asksForTypes: Bool { state == .scheduled || aside != nil }

    /// The same where jobs wait aside under these types, which are sorted: they come before those of the line,
    /// because they are older.
    package func following(
        among queues: [QueueName], aside types: [JobType]
    ) -> ExportPosition? {
        guard asksForTypes else { return following(among: queues) }
        let next = types.first { type in
            aside.map { $0.description < type.description } ?? true
        }
        return ExportPosition(queue: queue, state: .pending, aside: next)
    }
}

/// As text, to be handed back by a client: queue, state, place and row, or only the first two; last the type of
/// those that wait aside.
extension ExportPosition: LosslessStringConvertible {
    package var description: String {
        let beginning = "\(queue) \(state.rawValue)"
        let position = place.map { "\(beginning) \($0) \(row)" } ?? beginning
        return aside.map { "\(position) \($0)" } ?? position
    }

    package init?(_ description: String) {
        var parts = description.split(separator: " ", omittingEmptySubsequences: false)
        var aside: JobType?
        if parts.count.isMultiple(of: 2) == false {
            aside = JobType(parts.removeLast())
            guard aside != nil else { return nil }
        }
        guard parts.count == 2 || parts.count == 4, let queue = QueueName(String(parts[0])),
            let state = JobState(rawValue: String(parts[1])), Self.states.contains(state)
        else { return nil }
        self.init(queue: queue, state: state, aside: aside)
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

    /// How long after a page nothing of a paused queue becomes pending, so that the next one does not meet it
    /// again.
    package static let holding: Duration = .seconds(60)

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
    /// Its state is not active.
    package let record: JobRecord
    /// The record's own; `nil`: it has none, or none that can be read. It is remembered like a producer's.
    package let id: JobID?
    /// What makes it harmless to import the line again: 32 hexadecimal digits that follow from its queue, state,
    /// time and record. Equal lines have the same.
    package let line: String
    /// Which of the equal lines of its export it is: a number from 1, or another word of its own.
    package let copy: String
    /// The unique key that it takes; `nil`: none. A dead job holds none, nor does one without an id of its
    /// own.
    package let uniqueKey: String?

    package init(_ record: JobRecord, copy: String = "1") {
        self.record = record
        self.copy = copy
        id = record.id
        line = record.line
        uniqueKey = record.state == .dead || id == nil ? nil : record.uniqueKey
    }
}

extension JobRecord {
    /// See `ImportedJob.line`.
    package var line: String {
        var hash = SHA256()
        hash.update(Array("\(queue) \(state.rawValue) \(time ?? 0) ".utf8))
        hash.update(envelope)
        return hash.finalized().prefix(16).map { Name.hexadecimal(UInt64($0), digits: 2) }.joined()
    }
}

/// What became of a job that was to be imported.
package enum ImportResult: Sendable, Equatable {
    case added
    /// This line was imported before.
    case known
    case refused(reason: String)
}

extension ImportResult {
    /// Another job holds the unique key.
    package static func refused(holder: some CustomStringConvertible) -> ImportResult {
        .refused(reason: "job \(holder) holds its unique key now")
    }
}
