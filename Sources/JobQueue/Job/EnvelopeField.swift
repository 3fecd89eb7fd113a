/// The fields of an envelope that mean something to the daemon. All others are carried along.
package enum EnvelopeField: Int, CaseIterable, Sendable {
    case type, id, payload, queue, maxAttempts, timeout, attempts, enqueuedAt, uniqueKey, headers
    case lastError, failedAt, lost, released, retention, failures, pendingAt

    /// The name in the JSON.
    package var name: String {
        switch self {
        case .type: "type"
        case .id: "id"
        case .payload: "payload"
        case .queue: "queue"
        case .maxAttempts: "max_attempts"
        case .timeout: "timeout_ms"
        case .attempts: "attempts"
        case .enqueuedAt: "enqueued_at"
        case .uniqueKey: "unique_key"
        case .headers: "headers"
        case .lastError: "last_error"
        case .failedAt: "failed_at"
        case .lost: "lost"
        case .released: "released"
        case .retention: "retention_ms"
        case .failures: "failures"
        case .pendingAt: "pending_at"
        }
    }

    /// The names' bytes, by raw value.
    private static let names = allCases.map { Array($0.name.utf8) }

    /// The daemon writes it while the job lives.
    var isOwn: Bool {
        switch self {
        case .id, .attempts, .enqueuedAt, .lastError, .failedAt, .lost, .released, .failures,
            .pendingAt:
            true
        case .type, .payload, .queue, .maxAttempts, .timeout, .uniqueKey, .headers, .retention:
            false
        }
    }

    /// Whether a field of this name, which is none of ours, was most likely meant to be one: other queues have
    /// such, and so has `jobqueuectl enqueue`.
    static func isMisunderstood(_ name: JSONValue, in bytes: [UInt8]) -> Bool {
        let text = bytes[name.range].dropFirst().dropLast()
        return misunderstood.contains { $0.count == text.count && text.elementsEqual($0) }
    }

    private static let misunderstood = [
        "delay", "delay_ms", "delay_s", "run_at", "run_at_ms", "run_in", "at", "at_ms",
        "scheduled_at",
        "start_at", "not_before", "priority", "queue_name", "timeout", "max_retries", "retries",
        "retry",
        "retention", "unique", "unique_for",
    ].map { Array($0.utf8) }

    /// The field of this name. Length and first byte leave one candidate, so it costs one comparison.
    static func named(_ name: Span<UInt8>) -> EnvelopeField? {
        guard !name.isEmpty else { return nil }
        let candidate: EnvelopeField
        switch (name.count, name[0]) {
        case (4, UInt8(ascii: "t")): candidate = .type
        case (2, UInt8(ascii: "i")): candidate = .id
        case (7, UInt8(ascii: "p")): candidate = .payload
        case (5, UInt8(ascii: "q")): candidate = .queue
        case (12, UInt8(ascii: "m")): candidate = .maxAttempts
        case (10, UInt8(ascii: "t")): candidate = .timeout
        case (8, UInt8(ascii: "a")): candidate = .attempts
        case (11, UInt8(ascii: "e")): candidate = .enqueuedAt
        case (10, UInt8(ascii: "u")): candidate = .uniqueKey
        case (7, UInt8(ascii: "h")): candidate = .headers
        case (10, UInt8(ascii: "l")): candidate = .lastError
        case (9, UInt8(ascii: "f")): candidate = .failedAt
        case (4, UInt8(ascii: "l")): candidate = .lost
        case (8, UInt8(ascii: "r")): candidate = .released
        case (12, UInt8(ascii: "r")): candidate = .retention
        case (8, UInt8(ascii: "f")): candidate = .failures
        case (10, UInt8(ascii: "p")): candidate = .pendingAt
        default: return nil
        }
        let expected = names[candidate.rawValue]
        for index in expected.indices where name[index] != expected[index] { return nil }
        return candidate
    }
}
