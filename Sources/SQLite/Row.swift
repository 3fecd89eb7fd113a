import CSQLite
import Glibc

/// One row of an answer, lent while it is looked at. Columns are counted from 0; SQLite converts where
/// a column has another type than is asked for.
package struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(of statement: OpaquePointer) { self.statement = statement }

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    /// 0 where it is NULL.
    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    /// Empty where it is NULL. What is no UTF-8 is replaced.
    package func text(_ column: Int32) -> String {
        guard let text = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// Empty where it is NULL.
    package func bytes(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return Array(
            UnsafeRawBufferPointer(
                start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }

    /// The first so many of them.
    package func bytes(_ column: Int32, first limit: Int) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        let count = min(max(0, limit), Int(sqlite3_column_bytes(statement, column)))
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// How many bytes `bytes` would give.
    package func byteCount(_ column: Int32) -> Int {
        Int(sqlite3_column_bytes(statement, column))
    }

    /// Whether the bytes have these among them, without a copy. Wraps `memmem(3)`.
    package func bytes(_ column: Int32, contain part: [UInt8]) -> Bool {
        guard let bytes = sqlite3_column_blob(statement, column) else { return part.isEmpty }
        return memmem(bytes, Int(sqlite3_column_bytes(statement, column)), part, part.count) != nil
    }
}
