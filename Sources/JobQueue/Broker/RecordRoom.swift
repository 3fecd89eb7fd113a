/// Keeps a list of records small: those for which there is no room any more are listed without their payload.
package struct RecordRoom {
    private var bytes: Int

    /// More than a frame has, so that nothing is left out that could be shown.
    package init(bytes: Int = 3 << 20) { self.bytes = bytes }

    /// The record, or the same without its payload.
    package mutating func admit(_ record: JobRecord) -> JobRecord {
        let size = record.envelope.count
        if size <= bytes {
            bytes -= size
            return record
        }
        return record.withoutPayload
    }
}
