/// What came of a job, kept for a while after its end: one JSON object with the job's record in it,
/// byte for byte.
package struct JobReceipt: Sendable {
    package enum End: String, Sendable {
        case done, dead
    }

    package let end: End
    /// The last attempt's number; 0: none was made.
    package let attempt: Int
    /// When the last attempt began and the job ended, Unix milliseconds.
    package let startedAt: Int64?
    package let endedAt: Int64
    /// What the handler left, one JSON value.
    package let result: Payload?
    /// What the handler left was longer than what is kept.
    package let isResultCut: Bool
    /// The job's record at its end.
    package let envelope: [UInt8]

    package init(
        end: End, attempt: Int, startedAt: Int64?, endedAt: Int64, result: Payload?,
        envelope: [UInt8], isResultCut: Bool = false
    ) {
        self.end = end
        self.attempt = attempt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.result = result
        self.isResultCut = isResultCut
        self.envelope = envelope
    }
}

// MARK: - JSON

extension JobReceipt {
    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(envelope.count + (result?.bytes.count ?? 0) + 160)
        output.append(verbatim: "{\"state\":\"\(end.rawValue)\",\"attempt\":")
        output.append(decimal: attempt)
        if let startedAt {
            output.append(verbatim: ",\"started_at\":")
            output.append(decimal: startedAt)
        }
        output.append(verbatim: ",\"ended_at\":")
        output.append(decimal: endedAt)
        if let result {
            output.append(verbatim: ",\"result\":")
            output.append(contentsOf: result.bytes)
        }
        if isResultCut { output.append(verbatim: ",\"result_cut\":true") }
        output.append(verbatim: ",\"job\":")
        output.append(contentsOf: envelope)
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// Reads one back. `nil`: it is none.
    package init?(_ bytes: [UInt8]) {
        // The job's record may be as deep as JSON may be: the object around it does not count.
        guard let members = try? JSONValue.members(in: bytes, at: 0, depth: -1) else { return nil }
        func value(_ name: String) -> JSONValue? { members.first { $0.name == name }?.value }
        guard let end = value("state")?.string(in: bytes).flatMap(End.init(rawValue:)),
            let attempt = value("attempt")?.integer(in: bytes),
            let endedAt = value("ended_at")?.integer(in: bytes),
            let job = value("job")
        else { return nil }
        self.init(
            end: end, attempt: Int(attempt),
            startedAt: value("started_at")?.integer(in: bytes), endedAt: endedAt,
            result: value("result").map { Payload(of: bytes, at: $0.range) },
            envelope: Array(bytes[job.range]), isResultCut: value("result_cut") != nil)
    }
}
