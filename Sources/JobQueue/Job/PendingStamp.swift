/// The mark of when a job became pending that was not enqueued as pending: it was due, requeued or taken back from
/// a lost worker. It is the first member of its record, `pending_at`, so that it is found in the beginning of a
/// long one. `promote.lua` writes it by the same rules.
package enum PendingStamp {
    /// The record with the mark. One that has such a member elsewhere, or is no object with members, stays as it
    /// is.
    package static func put(_ unixMilliseconds: Int64, on record: [UInt8]) -> [UInt8] {
        let rest: ArraySlice<UInt8>
        if let end = end(of: record) {
            rest = record[end...]
        } else if record.starts(with: "{\"".utf8), !contains(record) {
            rest = record.dropFirst()
        } else {
            return record
        }
        var stamped: [UInt8] = []
        stamped.reserveCapacity(rest.count + 32)
        stamped.append(verbatim: "{\"pending_at\":")
        stamped.append(decimal: max(0, unixMilliseconds))
        stamped.append(UInt8(ascii: ","))
        stamped += rest
        return stamped
    }

    /// The record as it was before it got the mark.
    static func removed(from record: [UInt8]) -> [UInt8] {
        end(of: record).map { [UInt8(ascii: "{")] + record[$0...] } ?? record
    }

    /// Where the mark's comma ends; `nil`: there is no mark.
    private static func end(of record: [UInt8]) -> Int? {
        guard record.starts(with: "{\"pending_at\":".utf8) else { return nil }
        let start = "{\"pending_at\":".utf8.count
        let digits = record[start...].prefix { $0 &- 0x30 < 10 }
        guard !digits.isEmpty, digits.endIndex < record.endIndex,
            record[digits.endIndex] == UInt8(ascii: ",")
        else { return nil }
        return digits.endIndex + 1
    }

    private static func contains(_ record: [UInt8]) -> Bool {
        let name = Array("\"pending_at\"".utf8)
        guard record.count >= name.count else { return false }
        var start = record.startIndex
        while let found = record[start...].firstIndex(of: name[0]) {
            if record[found...].starts(with: name) { return true }
            start = found + 1
        }
        return false
    }
}
