import Synchronization

/// What a handler left as its job's result.
package struct LeftResult: Sendable {
    /// One JSON value; `nil`: none.
    package var json: Payload?
    /// It was longer than what is kept.
    package var isCut: Bool

    package init(json: Payload?, isCut: Bool = false) {
        self.json = json
        self.isCut = isCut
    }
}

/// Where a handler leaves its job's result.
package final class KeptResult: Sendable {
    private let current = Mutex<LeftResult?>(nil)

    package init() {}

    /// What was left last.
    package var left: LeftResult? { current.withLock { $0 } }

    /// Its JSON.
    package var payload: Payload? { left?.json }

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
        current.withLock { $0 = LeftResult(json: Payload(Array(bytes))) }
    }

    /// The handler's result was too long, and nothing of it is kept.
    func noteTooLarge() { current.withLock { $0 = LeftResult(json: nil, isCut: true) } }

    /// At most `limit` bytes of output.
    ///
    /// - Parameter dropped: how many bytes came after them.
    /// - Returns: whether something of it is not kept.
    func set(output: [UInt8], dropped: Int) -> Bool {
        guard dropped == 0, output.count <= Self.limit else {
            let left = Self.cut(output, of: output.count + dropped)
            current.withLock { $0 = left }
            return true
        }
        do throws(ResultError) {
            try set(Payload(output))
        } catch {
            let left = LeftResult(json: Self.string(output))
            current.withLock { $0 = left }
        }
        return false
    }

    /// The beginning of a text stays a text. Half of something in JSON is none, and would seem to be a text:
    /// an object says that it was cut, and how it began.
    private static func cut(_ output: [UInt8], of bytes: Int) -> LeftResult {
        let text = wholeCharacters(output.prefix(limit))
        let first = text.first { !" \t\r\n".utf8.contains($0) }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            return LeftResult(json: string(text), isCut: true)
        }
        var json = Array(#"{"cut":true,"bytes":\#(bytes),"beginning":"#.utf8)
        json.append(
            jsonString: String(decoding: wholeCharacters(text.prefix(1024)), as: UTF8.self))
        json.append(UInt8(ascii: "}"))
        return LeftResult(json: Payload(json), isCut: true)
    }

    private static func string(_ bytes: some Sequence<UInt8>) -> Payload {
        var json: [UInt8] = []
        json.append(jsonString: String(decoding: Array(bytes), as: UTF8.self))
        return Payload(json)
    }

    /// Without the beginning of a character of UTF-8 at the end.
    private static func wholeCharacters(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let followers = bytes.suffix(3).reversed().prefix { $0 & 0xC0 == 0x80 }.count
        guard let lead = bytes.dropLast(followers).last, (0xC0..<0xF8).contains(lead) else {
            return bytes
        }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        return followers + 1 < length ? bytes.dropLast(followers + 1) : bytes
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
