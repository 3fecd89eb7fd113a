import CSQLite

/// A value that is bound to a parameter of a statement.
package enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])

    package init(_ number: Int) { self = .integer(Int64(number)) }
    package init(_ number: Int64) { self = .integer(number) }
    package init(_ text: String) { self = .text(text) }
    /// `nil` is `NULL`.
    package init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
    package init(_ bytes: [UInt8]) { self = .bytes(bytes) }

    /// Binds it to the parameter `index`, counted from 1. SQLite keeps a copy.
    func bind(to statement: OpaquePointer, _ index: Int32) -> Int32 {
        switch self {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .real(let number): sqlite3_bind_double(statement, index, number)
        case .text(var text):
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    csqlite_bind_text(statement, index, $0.baseAddress, $0.count)
                }
            }
        case .bytes(let bytes):
            bytes.withUnsafeBytes {
                csqlite_bind_blob(statement, index, $0.baseAddress, $0.count)
            }
        }
    }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral
{
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }
}
