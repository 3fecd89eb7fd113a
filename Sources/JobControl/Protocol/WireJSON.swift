import FoundationEssentials

/// JSON as it goes over the control socket.
enum WireJSON {
    /// One line, the keys in order.
    static func encode(_ value: some Encodable) throws(EncodingFailure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch { throw EncodingFailure(error) }
    }

    /// A document for people and programs to read: over several lines, the keys in order.
    static func document(_ value: some Encodable) throws(EncodingFailure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        do {
            let text = String(decoding: try encoder.encode(value), as: UTF8.self)
            return TerminalText.escapedJSON(text) + "\n"
        } catch {
            throw EncodingFailure(error)
        }
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(DecodingFailure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw DecodingFailure(error)
        }
    }

    /// What our own types could not be written as: a mistake of ours, told to the caller all the same.
    struct EncodingFailure: Error, CustomStringConvertible {
        let description: String
        init(_ error: any Error) { description = "the answer cannot be written: \(error)" }
    }

    /// What is wrong with what came, and at which field.
    struct DecodingFailure: Error, CustomStringConvertible {
        /// The path of the field, such as `["parameters", "ids", "3"]`; empty: the whole.
        let path: [String]
        let reason: String

        var description: String {
            path.isEmpty ? reason : "\(path.joined(separator: ".")): \(reason)"
        }

        init(_ error: any Error) {
            switch error {
            case DecodingError.keyNotFound(let key, let context):
                path = Self.path(context.codingPath + [key])
                reason = "is missing"
            case DecodingError.typeMismatch(_, let context),
                DecodingError.valueNotFound(_, let context):
                path = Self.path(context.codingPath)
                reason = "has the wrong type"
            case DecodingError.dataCorrupted(let context):
                path = Self.path(context.codingPath)
                // Foundation does not say where a number is that fits into no type of ours.
                reason =
                    path.isEmpty ? "is not JSON, or has a number out of range" : "cannot be read"
            default:
                path = []
                reason = "cannot be read"
            }
        }

        private static func path(_ keys: [any CodingKey]) -> [String] {
            keys.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }
        }
    }
}
