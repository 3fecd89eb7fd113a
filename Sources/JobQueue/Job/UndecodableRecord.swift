/// What the dead letters keep of bytes that are no envelope: the very bytes, and why they are there.
/// A JSON record of its own: `{"id":"…","raw":"<Base64>","last_error":"…","failed_at":…}`. Of very many bytes it has
/// the beginning, and beside it `"size":…,"sha1":"…"` of them all.
package struct UndecodableRecord: Sendable, Equatable {
    /// Given by the daemon: the bytes have no id that could be trusted.
    package let id: JobID
    /// The bytes as they were found, or the beginning of them.
    package let raw: [UInt8]
    /// Of all bytes, where `raw` is only the beginning; `nil`: it is all.
    package let all: RecordDigest?
    /// Why they are no envelope, at most `ErrorText.limit` bytes.
    package let lastError: String
    /// Unix milliseconds.
    package let failedAt: Int64

    package init(
        id: JobID, raw: [UInt8], all: RecordDigest? = nil, lastError: String, failedAt: Int64
    ) {
        self.id = id
        self.raw = raw
        self.all = all
        self.lastError = ErrorText.clipped(lastError)
        self.failedAt = failedAt
    }

    /// Reads a record back. `nil`: `bytes` are something else, such as an envelope.
    package init?(decoding bytes: [UInt8]) {
        // Whatever is wrong with the JSON, it is no such record.
        guard (try? JSONScanner.document(bytes.span)) != nil,
            let members = try? JSONValue.members(in: bytes, at: 0)
        else { return nil }
        let fields = Dictionary(members, uniquingKeysWith: { first, _ in first })
        guard fields["type"] == nil,
            let id = fields["id"]?.string(in: bytes).flatMap({ JobID($0) }),
            let text = fields["raw"]?.string(in: bytes), let raw = Base64.decode(text.utf8),
            let lastError = fields["last_error"]?.string(in: bytes),
            let failedAt = fields["failed_at"]?.integer(in: bytes)
        else { return nil }
        var all: RecordDigest?
        if let size = fields["size"]?.integer(in: bytes).flatMap({ Int(exactly: $0) }), size >= 0 {
            all = RecordDigest(size: size, sha1: fields["sha1"]?.string(in: bytes) ?? "")
        }
        self.init(id: id, raw: raw, all: all, lastError: lastError, failedAt: failedAt)
    }

    /// The bytes as they were found; `nil`: only their beginning was kept.
    package var whole: [UInt8]? { all == nil ? raw : nil }

    /// The same without the bytes.
    var withoutRaw: UndecodableRecord {
        UndecodableRecord(
            id: id, raw: [], all: all ?? RecordDigest(size: raw.count, sha1: ""),
            lastError: lastError, failedAt: failedAt)
    }

    /// The record's bytes, as they lie in the broker.
    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(raw.count / 3 * 4 + 256 + lastError.utf8.count)
        output.append(verbatim: "{\"id\":\"")
        output.append(verbatim: id.description)
        output.append(verbatim: "\",\"raw\":\"")
        Base64.encode(raw, into: &output)
        output.append(UInt8(ascii: "\""))
        if let all {
            output.append(verbatim: ",\"size\":")
            output.append(decimal: all.size)
            output.append(verbatim: ",\"sha1\":")
            output.append(jsonString: all.sha1)
        }
        output.append(verbatim: ",\"last_error\":")
        output.append(jsonString: lastError)
        output.append(verbatim: ",\"failed_at\":")
        output.append(decimal: failedAt)
        output.append(UInt8(ascii: "}"))
        return output
    }
}

/// What is known of bytes that are too many to be kept. A class, because each claim has room for one.
package final class RecordDigest: Sendable, Equatable {
    package let size: Int
    /// In hexadecimal digits; empty: not known.
    package let sha1: String

    package init(size: Int, sha1: String) {
        self.size = size
        self.sha1 = sha1
    }

    package static func == (left: RecordDigest, right: RecordDigest) -> Bool {
        left.size == right.size && left.sha1 == right.sha1
    }
}
