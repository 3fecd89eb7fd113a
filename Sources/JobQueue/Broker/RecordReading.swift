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

    /// The record that a dead job goes back to pending with: as if it had never run. `nil`: it cannot be
    /// read.
    package var requeued: [UInt8]? {
        if let envelope = try? Envelope(envelope, maxPayload: Self.anySize) {
            return envelope.updated(.requeued)
        }
        return UndecodableRecord(decoding: envelope)?.raw
    }

    /// A record is looked at whatever its size was allowed to be when it came.
    private static let anySize = Int.max / 2
}

extension Claim {
    /// The record that a lost worker's claim goes back to pending with: its loss counted, and with the
    /// id that it had at that claim. What cannot be read goes back as it is, and the next claim deals
    /// with it.
    package func envelopeAfterLoss(maxPayload: Int) -> [UInt8] {
        guard let read = try? Envelope(envelope, maxPayload: maxPayload) else { return envelope }
        var changes = EnvelopeChanges(lost: read.lost + 1)
        if read.id == nil { changes.id = JobID(firstClaim: token) }
        return read.updated(changes)
    }
}
