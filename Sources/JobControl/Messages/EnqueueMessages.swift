/// `Enqueue`: puts jobs in.
package enum Enqueue: ControlMethod {
    package typealias Parameters = EnqueueOrder
    package static let name = "Enqueue"

    package struct Reply: Codable, Sendable, Equatable {
        package var jobs: [EnqueuedJob]
    }
}

/// What became of one enqueue.
package struct EnqueuedJob: Codable, Sendable, Equatable {
    /// The id of the job that is in the queue now.
    package var id: String
    /// Another job holds the unique key: nothing was added.
    package var isDuplicate: Bool
    /// A job with this id was enqueued before, and may have ended since: nothing was added.
    package var isKnown: Bool

    package init(id: String, isDuplicate: Bool = false, isKnown: Bool = false) {
        self.id = id
        self.isDuplicate = isDuplicate
        self.isKnown = isKnown
    }

    /// A daemon of an earlier version does not say that a job is known.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        isDuplicate = try container.decode(Bool.self, forKey: .isDuplicate)
        isKnown = try container.decodeIfPresent(Bool.self, forKey: .isKnown) ?? false
    }

    package enum CodingKeys: String, CodingKey {
        case id
        case isDuplicate = "duplicate"
        case isKnown = "known"
    }
}

/// Equal jobs to be enqueued. What is `nil` has the default of the queue's daemons.
package struct EnqueueOrder: ControlParameters, Equatable {
    package var type: String
    /// JSON text, kept byte for byte; `nil`: `null`.
    package var payload: String?
    /// How many; `nil`: 1.
    package var count: Int?
    package var queue: String?
    /// Milliseconds from now.
    package var delay: Int64?
    /// Unix milliseconds.
    package var startAt: Int64?
    package var uniqueKey: String?
    package var id: String?
    package var maxAttempts: Int?
    /// Milliseconds.
    package var timeout: Int64?
    /// Milliseconds.
    package var retention: Int64?
    /// Milliseconds for which the id is remembered.
    package var remember: Int64?
    package var headers: [String: String]?

    package init(type: String) { self.type = type }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case type, payload, count, queue, id, headers
        case delay = "delay_ms"
        case startAt = "at_ms"
        case uniqueKey = "unique_key"
        case maxAttempts = "max_attempts"
        case timeout = "timeout_ms"
        case retention = "retention_ms"
        case remember = "remember_ms"
    }

    package static let names = CodingKeys.allCases.map(\.rawValue)

    /// The most jobs of one call.
    package static let countLimit = 10_000
    /// The end of the year 9999, Unix milliseconds: nothing starts later, nothing takes longer.
    private static let endOfTime: Int64 = 253_402_300_799_999

    /// Refuses what can be refused without knowing names and limits of the broker: numbers that mean
    /// nothing, and fields that exclude each other.
    func check() throws(ControlError) {
        try Self.check(.count, 1...Self.countLimit, count)
        try Self.check(.delay, 0...Self.endOfTime, delay)
        try Self.check(.startAt, 0...Self.endOfTime, startAt)
        try Self.check(.maxAttempts, 1...Int.max, maxAttempts)
        try Self.check(.timeout, 1...Self.endOfTime, timeout)
        try Self.check(.retention, 0...Self.endOfTime, retention)
        try Self.check(.remember, 1...Self.endOfTime, remember)
        if remember != nil && id == nil { throw .invalidParameter(CodingKeys.remember.rawValue) }
        if delay != nil && startAt != nil {
            throw .invalidParameter(CodingKeys.startAt.rawValue)
        }
        if id != nil && count ?? 1 > 1 { throw .invalidParameter(CodingKeys.count.rawValue) }
    }

    private static func check<Number>(
        _ key: CodingKeys, _ range: ClosedRange<Number>, _ number: Number?
    ) throws(ControlError) {
        guard let number, !range.contains(number) else { return }
        throw .invalidParameter(key.rawValue)
    }
}
