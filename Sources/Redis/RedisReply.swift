import CHiredis

/// One answer of Redis, owned by Swift.
package enum RedisReply: Sendable, Equatable {
    case null
    case integer(Int64)
    /// A bulk string: any bytes.
    case bytes([UInt8])
    /// A simple string such as `OK`.
    case status(String)
    case error(code: String, message: String)
    case array([RedisReply])

    /// Copies what hiredis read. `reply` stays hiredis's.
    init(copying reply: UnsafePointer<redisReply>) {
        let reply = reply.pointee
        switch reply.type {
        case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
        case REDIS_REPLY_STRING: self = .bytes(Self.copy(reply.str, reply.len))
        case REDIS_REPLY_STATUS: self = .status(Self.text(reply))
        case REDIS_REPLY_ERROR: self = Self.error(Self.text(reply))
        case REDIS_REPLY_ARRAY:
            var elements: [RedisReply] = []
            elements.reserveCapacity(reply.elements)
            for element in UnsafeBufferPointer(start: reply.element, count: reply.elements) {
                if let element { elements.append(RedisReply(copying: element)) }
            }
            self = .array(elements)
        default: self = .null
        }
    }

    /// An error by Redis's text. Before version 7 it hides what stopped a script behind words of its
    /// own: `ERR Error running script (call to f_…): @user_script:1: @user_script: 1: -OOM command …`.
    static func error(_ text: String) -> RedisReply {
        var message = text[...]
        // Where the script itself returns the error, those words are not before it.
        if text.hasPrefix("ERR Error running script") || text.hasPrefix("@user_script:"),
            let reason = text.split(separator: "@user_script:").last
        {
            let words = reason.drop { $0.isNumber || $0 == " " || $0 == ":" || $0 == "-" }
            let code = words.prefix { $0 != " " }
            if !code.isEmpty, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
                message = words
            }
        }
        // In a script some versions tell of a missing permission without its code. A command that was renamed
        // is missing as much.
        let isForbidden = [
            "ACL failure", "executing the script can't", "Unknown Redis command called from script",
        ].contains { text.contains($0) }
        let code = isForbidden ? "NOPERM" : String(message.prefix { $0 != " " })
        return .error(code: code, message: String(message))
    }

    private static func text(_ reply: redisReply) -> String {
        String(decoding: copy(reply.str, reply.len), as: UTF8.self)
    }

    private static func copy(_ start: UnsafeMutablePointer<CChar>?, _ count: Int) -> [UInt8] {
        guard let start else { return [] }
        return Array(unsafeUninitializedCapacity: count) { bytes, initializedCount in
            UnsafeMutableRawBufferPointer(bytes).copyMemory(
                from: UnsafeRawBufferPointer(start: start, count: count))
            initializedCount = count
        }
    }
}

extension RedisReply {
    /// The number, also when it came as a string (as scores do).
    package func asInteger() throws(RedisError) -> Int64 {
        switch self {
        case .integer(let value): return value
        case .bytes(let bytes):
            guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else { fallthrough }
            return value
        default: throw .unexpectedReply("a number was expected, not \(kind)")
        }
    }

    package func asArray() throws(RedisError) -> [RedisReply] {
        guard case .array(let elements) = self else {
            throw .unexpectedReply("a list was expected, not \(kind)")
        }
        return elements
    }

    package func asBytes() throws(RedisError) -> [UInt8] {
        guard case .bytes(let bytes) = self else {
            throw .unexpectedReply("a string was expected, not \(kind)")
        }
        return bytes
    }

    /// A string of either kind.
    package func asText() throws(RedisError) -> String {
        if case .status(let text) = self { return text }
        return String(decoding: try asBytes(), as: UTF8.self)
    }

    package func asIntegers() throws(RedisError) -> [Int64] {
        var numbers: [Int64] = []
        for element in try asArray() { numbers.append(try element.asInteger()) }
        return numbers
    }

    package func asTexts() throws(RedisError) -> [String] {
        var texts: [String] = []
        for element in try asArray() { texts.append(try element.asText()) }
        return texts
    }

    private var kind: String {
        switch self {
        case .null: "nothing"
        case .integer: "a number"
        case .bytes, .status: "a string"
        case .error(_, let message): "the error \(message)"
        case .array(let elements): "a list of \(elements.count)"
        }
    }
}
