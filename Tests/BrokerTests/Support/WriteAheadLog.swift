import Foundation

/// A database's write-ahead log, read as its file format says.
struct WriteAheadLog {
    private let bytes: [UInt8]

    init(of path: String) throws {
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + "-wal")))
    }

    /// How many transactions are in it. It must not have begun anew from its start.
    var commits: Int {
        guard bytes.count > 32 else { return 0 }
        let pageSize = number(at: 8)
        // The last frame of a transaction says how large the database is after it.
        return stride(from: 32, to: bytes.count - 24, by: 24 + pageSize).count {
            number(at: $0 + 4) != 0
        }
    }

    private func number(at offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
