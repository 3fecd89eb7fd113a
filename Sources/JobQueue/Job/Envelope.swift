/// A job's JSON record as it lies in the broker, read once and kept byte for byte.
package struct Envelope: Sendable {
    /// The whole record.
    package let bytes: [UInt8]
    package private(set) var type: JobType
    /// `nil`: the producer gave none.
    package private(set) var id: JobID?
    package private(set) var queue: QueueName?
    /// One JSON value, `null` when there is none.
    package private(set) var payload = Payload(Array("null".utf8))
    /// Attempts made so far.
    package private(set) var attempts = 0
    package private(set) var maxAttempts: Int?
    package private(set) var timeout: Duration?
    /// Unix milliseconds.
    package private(set) var enqueuedAt: Int64?
    package private(set) var uniqueKey: String?
    /// When the last attempt failed, Unix milliseconds.
    package private(set) var failedAt: Int64?
    /// How often a worker was lost while it held the job.
    package private(set) var lost = 0
    /// How often it was given back unfinished.
    package private(set) var released = 0
    private var headersRange: Range<Int>?
    private var lastErrorRange: Range<Int>?

    /// How much a record may have besides its payload.
    package static let headroom = 64 << 10
    private static let countLimit: Int64 = 1_000_000_000
    private static let timeoutLimit: Int64 = 365 * 86_400_000

    /// Reads a record. Numbers out of their range are brought into it; all else that does not fit is
    /// thrown.
    ///
    /// - Parameter maxPayload: The largest payload, in bytes.
    package init(_ bytes: [UInt8], maxPayload: Int) throws(EnvelopeError) {
        self.bytes = bytes
        // Stands for "missing" until the field was read; no type looks like it.
        type = .placeholder
        let limit = maxPayload + Self.headroom
        guard bytes.count <= limit else { throw .tooLarge(size: bytes.count, limit: limit) }
        var reader = FieldReader(bytes)
        while let (field, value) = try reader.next() {
            try set(field, value, maxPayload: maxPayload)
        }
        guard type != .placeholder else { throw .missingType }
    }

    /// What the producer sends along. Read when asked for: most handlers do not.
    package var headers: [String: String] {
        guard let headersRange else { return [:] }
        // It was checked when the record was read.
        return (try? Self.headers(at: headersRange, of: bytes)) ?? [:]
    }

    /// Why the last attempt failed.
    package var lastError: String? {
        guard let lastErrorRange else { return nil }
        var scanner = JSONScanner(bytes, at: lastErrorRange.lowerBound)
        // It was checked when the record was read.
        return (try? scanner.string()).map { JSONText.decoded($0, of: bytes) }
    }
}

// MARK: - Fields

extension Envelope {
    private mutating func set(
        _ field: EnvelopeField, _ value: Range<Int>, maxPayload: Int
    ) throws(EnvelopeError) {
        if field == .payload {
            guard value.count <= maxPayload else {
                throw .payloadTooLarge(size: value.count, limit: maxPayload)
            }
            payload = Payload(of: bytes, at: value)
            return
        }
        // `null` is as good as nothing.
        if bytes[value.lowerBound] == UInt8(ascii: "n") { return }
        switch field {
        case .type: type = try name(field, value, Self.typeRule) { JobType($0) }
        case .id: id = try name(field, value, Self.idRule) { JobID($0) }
        case .queue: queue = try name(field, value, Self.queueRule) { QueueName($0) }
        case .uniqueKey: uniqueKey = try name(field, value, UniqueKey.rule) { UniqueKey.checked($0) }
        case .lastError:
            _ = try string(field, value)
            lastErrorRange = value
        case .headers:
            guard let _ = try? Self.headers(at: value, of: bytes) else {
                throw .badField(name: field.name, rule: "an object whose values are strings")
            }
            headersRange = value
        case .attempts: attempts = Int(try integer(field, value, 0...Self.countLimit))
        case .lost: lost = Int(try integer(field, value, 0...Self.countLimit))
        case .released: released = Int(try integer(field, value, 0...Self.countLimit))
        case .maxAttempts: maxAttempts = Int(try integer(field, value, 1...Self.countLimit))
        case .timeout: timeout = .milliseconds(try integer(field, value, 1...Self.timeoutLimit))
        case .enqueuedAt: enqueuedAt = try integer(field, value, 0...Int64.max)
        case .failedAt: failedAt = try integer(field, value, 0...Int64.max)
        case .payload: break
        }
    }

    private func string(
        _ field: EnvelopeField, _ value: Range<Int>
    ) throws(EnvelopeError) -> String {
        var scanner = JSONScanner(bytes, at: value.lowerBound)
        // The value was scanned before: if it is a string, it is a good one.
        guard bytes[value.lowerBound] == UInt8(ascii: "\""), let token = try? scanner.string()
        else { throw .badField(name: field.name, rule: "a string") }
        return JSONText.decoded(token, of: bytes)
    }

    private func name<Value>(
        _ field: EnvelopeField, _ value: Range<Int>, _ rule: String, _ make: (String) -> Value?
    ) throws(EnvelopeError) -> Value {
        guard let made = make(try string(field, value)) else {
            throw .badField(name: field.name, rule: rule)
        }
        return made
    }

    private func integer(
        _ field: EnvelopeField, _ value: Range<Int>, _ range: ClosedRange<Int64>
    ) throws(EnvelopeError) -> Int64 {
        guard let number = JSONText.integer(value, of: bytes) else {
            throw .badField(name: field.name, rule: "an integer")
        }
        return min(max(number, range.lowerBound), range.upperBound)
    }

    private static func headers(
        at range: Range<Int>, of bytes: [UInt8]
    ) throws(JSONError) -> [String: String] {
        var headers: [String: String] = [:]
        var scanner = JSONScanner(bytes, at: range.lowerBound)
        guard scanner.consume(UInt8(ascii: "{")) else { throw scanner.failure("no object") }
        if scanner.consume(UInt8(ascii: "}")) { return headers }
        repeat {
            let key = JSONText.decoded(try scanner.key(), of: bytes)
            guard scanner.peek() == UInt8(ascii: "\"") else { throw scanner.failure("no string") }
            headers[key] = JSONText.decoded(try scanner.string(), of: bytes)
        } while scanner.consume(UInt8(ascii: ","))
        return headers
    }

    static let typeRule = "1 to 128 of A-Z a-z 0-9 _ . : -, beginning with a letter or digit"
    static let idRule = "1 to 64 of A-Z a-z 0-9 _ -"
    static let queueRule = "1 to 64 of a-z 0-9 _ . -, beginning with a letter or digit"
}

/// Goes through the members of a record, and gives those that the daemon knows.
struct FieldReader {
    private var scanner: JSONScanner
    private var seen: UInt32 = 0
    private var isFirst = true
    /// Where the record's closing brace stands; known when all members were read.
    private(set) var closingBrace = 0

    init(_ bytes: [UInt8]) { scanner = JSONScanner(bytes) }

    /// The next known member and the place of its value; `nil` when the record is over.
    mutating func next() throws(EnvelopeError) -> (EnvelopeField, Range<Int>)? {
        do {
            while true {
                if isFirst {
                    guard scanner.consume(UInt8(ascii: "{")) else {
                        // Whatever it is, a text that is no JSON at all is told first.
                        _ = try scanner.value()
                        try scanner.end()
                        throw EnvelopeError.notAnObject
                    }
                    isFirst = false
                    if try isOver(mayContinue: false) { return nil }
                } else if try isOver(mayContinue: true) {
                    return nil
                }
                let name = try scanner.key()
                let value = try scanner.value(depth: 1)
                guard let field = EnvelopeField(name, of: scanner.bytes) else { continue }
                guard seen & (1 << field.rawValue) == 0 else {
                    throw EnvelopeError.givenTwice(name: field.name)
                }
                seen |= 1 << field.rawValue
                return (field, value)
            }
        } catch let error as JSONError {
            throw .malformed(error.description)
        } catch let error as EnvelopeError {
            throw error
        } catch {
            throw .malformed(String(describing: error))
        }
    }

    private mutating func isOver(mayContinue: Bool) throws(JSONError) -> Bool {
        if mayContinue, scanner.consume(UInt8(ascii: ",")) { return false }
        guard scanner.consume(UInt8(ascii: "}")) else {
            if mayContinue { throw scanner.failure("expected , or } in an object") }
            return false
        }
        closingBrace = scanner.position - 1
        try scanner.end()
        return true
    }
}
