/// What a record says, and what becomes of it on its way from state to state, whatever keeps it.
extension JobRecord {
    /// The record's id; one that has none yet and is active has that of its first claim. `nil`: it has
    /// none.
    package var id: JobID? {
        if let envelope = try? Envelope(envelope, maxPayload: Self.anySize) {
            return envelope.id ?? idOfFirstClaim
        }
        return UndecodableRecord(decoding: envelope)?.id
    }

    /// `nil`: what cannot be read has no type.
    package var type: JobType? {
        (try? Envelope(envelope, maxPayload: Self.anySize))?.type
    }

    /// `nil`: it has none, or cannot be read.
    package var uniqueKey: String? {
        (try? Envelope(envelope, maxPayload: Self.anySize))?.uniqueKey
    }

    /// The record that a dead job goes back to pending with at this time, Unix milliseconds: as if it had never
    /// run. `nil`: it cannot be read, or is not whole.
    package func requeued(at now: Int64) -> [UInt8]? {
        guard wholeSize == nil else { return nil }
        if let envelope = try? Envelope(envelope, maxPayload: Self.anySize) {
            return PendingStamp.put(now, on: envelope.updated(.requeued))
        }
        return UndecodableRecord(decoding: envelope)?.whole
    }

    /// The same without what may be large. Nothing can be done to it.
    package var withoutPayload: JobRecord {
        if let envelope = try? Envelope(envelope, maxPayload: Self.anySize) {
            return JobRecord(
                self, envelope: envelope.updated(.withoutPayload),
                leftOutBytes: envelope.payload.bytes.count)
        }
        let bytes = wholeSize ?? envelope.count
        guard let record = UndecodableRecord(decoding: envelope) else {
            return JobRecord(self, envelope: Array(envelope.prefix(256)), leftOutBytes: bytes)
        }
        return JobRecord(self, envelope: record.withoutRaw.encoded(), leftOutBytes: bytes)
    }

    /// A record is looked at whatever its size was allowed to be when it came.
    private static let anySize = Int.max / 2
}

extension Claim {
    /// The record that a lost worker's claim goes back to pending with: its loss counted, and with the
    /// id that it had at that claim. What cannot be read goes back as it is, and the next claim deals
    /// with it.
    ///
    /// - Parameter now: Unix milliseconds.
    package func envelopeAfterLoss(maxPayload: Int, at now: Int64) -> [UInt8] {
        guard let read = try? Envelope(envelope, maxPayload: maxPayload) else { return envelope }
        var changes = EnvelopeChanges(lost: read.lost + 1)
        if read.id == nil { changes.id = JobID(firstClaim: token) }
        return PendingStamp.put(now, on: read.updated(changes))
    }
}
