/// The fields of an envelope that the daemon knows. All others are carried along as they are.
enum EnvelopeField: UInt8, CaseIterable {
    case type, id, payload, queue, attempts, timeout, headers, lost, released
    case maxAttempts, enqueuedAt, uniqueKey, lastError, failedAt

    /// The field's name in the record.
    var name: String {
        switch self {
        case .type: "type"
        case .id: "id"
        case .payload: "payload"
        case .queue: "queue"
        case .attempts: "attempts"
        case .timeout: "timeout_ms"
        case .headers: "headers"
        case .lost: "lost"
        case .released: "released"
        case .maxAttempts: "max_attempts"
        case .enqueuedAt: "enqueued_at"
        case .uniqueKey: "unique_key"
        case .lastError: "last_error"
        case .failedAt: "failed_at"
        }
    }

    /// The field with this name; `nil` for a foreign one.
    init?(_ name: JSONScanner.StringToken, of bytes: [UInt8]) {
        let found =
            if name.hasEscapes {
                Self.named(JSONText.decoded(name, of: bytes).utf8)
            } else {
                Self.named(bytes[name.contents])
            }
        guard let found else { return nil }
        self = found
    }

    private static func named(_ name: some Collection<UInt8>) -> EnvelopeField? {
        guard name.count < byLength.count else { return nil }
        return byLength[name.count].first { $0.name.utf8.elementsEqual(name) }
    }

    /// The fields by the lengths of their names: few share one, so hardly any are compared in vain.
    private static let byLength: [[EnvelopeField]] = (0...16).map { length in
        allCases.filter { $0.name.utf8.count == length }
    }
}
