/// What the dead letters keep of bytes that are no envelope: the very bytes, and why they are there.
/// A JSON record of its own: `{"id":"…","raw":"<Base64>","last_error":"…","failed_at":…}`.
package struct UndecodableRecord: Sendable, Equatable {
    /// Given by the daemon: the bytes have no id that could be trusted.
    package let id: JobID
    /// The bytes as they were found.
    package let raw: [UInt8]
    /// Why they are no envelope, at most `ErrorText.limit` bytes.
    package let lastError: String
    /// Unix milliseconds.
    package let failedAt: Int64

    package init(id: JobID, raw: [UInt8], lastError: String, failedAt: Int64) {
        self.id = id
        self.raw = raw
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
        self.init(id: id, raw: raw, lastError: lastError, failedAt: failedAt)
    }

    /// The record's bytes, as they lie in the broker.
    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(raw.count / 3 * 4 + 256 + lastError.utf8.count)
        output.append(verbatim: "{\"id\":\"")
        output.append(verbatim: id.description)
        output.append(verbatim: "\",\"raw\":\"")
        Base64.encode(raw, into: &output)
        output.append(verbatim: "\",\"last_error\":")
        output.append(jsonString: lastError)
        output.append(verbatim: ",\"failed_at\":")
        output.append(decimal: failedAt)
        output.append(UInt8(ascii: "}"))
        return output
    }
}
