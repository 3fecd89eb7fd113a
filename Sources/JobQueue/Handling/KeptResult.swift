import Synchronization

/// Where a handler leaves its job's result.
package final class KeptResult: Sendable {
    private let left = Mutex<Payload?>(nil)

    package init() {}

    /// What was left last.
    package var payload: Payload? { left.withLock { $0 } }

    func set(_ json: Payload) throws(ResultError) {
        let value: JSONValue
        do {
            // It will stand in an object.
            value = try JSONScanner.document(json.bytes.span, depth: 1)
        } catch {
            throw .malformed(error)
        }
        guard value.range.count <= Self.limit else { throw .tooLarge(bytes: value.range.count) }
        let bytes = json.bytes.dropFirst(value.range.lowerBound).prefix(value.range.count)
        left.withLock { $0 = Payload(Array(bytes)) }
    }

    /// At most `limit` bytes of output.
    func set(output: [UInt8]) {
        let output = Array(output.prefix(Self.limit))
        do throws(ResultError) {
            try set(Payload(output))
        } catch {
            var json: [UInt8] = []
            json.append(jsonString: String(decoding: output, as: UTF8.self))
            left.withLock { $0 = Payload(json) }
        }
    }

    /// Bytes of JSON text, or of a program's output.
    package static let limit = 64 * 1024
}

/// Why something cannot be a job's result.
package enum ResultError: Error, Equatable, CustomStringConvertible {
    case malformed(JSONError)
    case tooLarge(bytes: Int)

    package var description: String {
        switch self {
        case .malformed(let error): "the result is no JSON: \(error)"
        case .tooLarge(let bytes):
            "the result has \(bytes) bytes, and \(KeptResult.limit) are allowed"
        }
    }
}
