import CSystemd
import Glibc

/// The system's journal, in its own protocol: each entry is a set of fields.
package enum Journal {
    /// Whether standard error goes to the journal, so that entries may go there directly. Reads
    /// JOURNAL_STREAM, as `systemd.exec(5)` describes: the file that stderr was, which it need not be
    /// any more.
    package static var isConnected: Bool {
        guard let value = getenv("JOURNAL_STREAM") else { return false }
        let parts = String(cString: value).split(separator: ":")
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else {
            return false
        }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    /// Adds one entry. May block for as long as the journal does not read. Where there is no journal
    /// the entry is lost without an error.
    ///
    /// Wraps `sd_journal_sendv(3)`.
    ///
    /// - Parameter fields: names in capitals, digits and `_`, such as `JOB_ID`. Values may hold
    ///   anything.
    package static func send(_ fields: [(name: String, value: String)]) throws(JournalError) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for field in fields {
            bytes += Array(field.name.utf8) + [UInt8(ascii: "=")] + Array(field.value.utf8)
            ends.append(bytes.count)
        }
        let code = bytes.withUnsafeMutableBytes { buffer in
            let starts = [0] + ends.dropLast()
            let parts = zip(starts, ends).map { start, end in
                iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: end - start)
            }
            return sd_journal_sendv(parts, Int32(parts.count))
        }
        guard code >= 0 else { throw JournalError(errno: -code) }
    }
}

/// An entry could not be added.
package struct JournalError: Error, Equatable, CustomStringConvertible {
    package let errno: Int32

    package var description: String {
        "cannot write to the journal: \(String(cString: strerror(errno)))"
    }
}
