/// A reply of Redis, read without any code of the project.
package enum RESPValue: Sendable, Equatable, CustomStringConvertible {
    case status(String)
    case error(String)
    case integer(Int)
    case bulk([UInt8])
    case null
    case array([RESPValue])

    /// The text of a status or a string.
    package var text: String? {
        switch self {
        case .status(let text): text
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// The bytes of a string.
    package var bytes: [UInt8]? {
        if case .bulk(let bytes) = self { bytes } else { nil }
    }

    /// The number, also when it came as a string.
    package var integer: Int? {
        if case .integer(let number) = self { number } else { text.flatMap { Int($0) } }
    }

    /// The elements of an array, else none.
    package var elements: [RESPValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The texts of an array's elements, without those that have none.
    package var texts: [String] { elements.compactMap(\.text) }

    package var description: String {
        switch self {
        case .status(let text): text
        case .error(let text): "(error) \(text)"
        case .integer(let number): "\(number)"
        case .bulk(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
        case .null: "(nil)"
        case .array(let elements): "\(elements)"
        }
    }
}
