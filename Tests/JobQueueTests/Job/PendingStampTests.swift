import JobQueue
import Testing

@Suite("The mark of when a job became pending")
struct PendingStampTests {
    private func put(_ time: Int64, on record: String) -> String {
        String(decoding: PendingStamp.put(time, on: Array(record.utf8)), as: UTF8.self)
    }

    @Test("stands first, replaces the one before, and is put on no record that it would spoil")
    func rules() {
        #expect(put(7, on: #"{"type":"a"}"#) == #"{"pending_at":7,"type":"a"}"#)
        #expect(put(8, on: #"{"pending_at":7,"type":"a"}"#) == #"{"pending_at":8,"type":"a"}"#)
        #expect(put(-5, on: #"{"type":"a"}"#) == #"{"pending_at":0,"type":"a"}"#)
        for record in [
            "", "{}", "[1]", "garbage", #"{ "type":"a"}"#, #"{"type":"a","pending_at":3}"#,
            #"{"pending_at":"x","type":"a"}"#, #"{"pending_at":7}"#,
        ] { #expect(put(9, on: record) == record) }
    }

    @Test("tells since when a job waits, whatever its producer says of the enqueue")
    func since() throws {
        func since(_ record: String) throws -> Int64? {
            try Envelope(Array(record.utf8), maxPayload: 1000).pendingSince
        }
        #expect(try since(#"{"type":"a"}"#) == nil)
        #expect(try since(#"{"type":"a","enqueued_at":5}"#) == 5)
        #expect(try since(#"{"pending_at":9,"type":"a","enqueued_at":5}"#) == 9)
        #expect(try since(#"{"type":"a","enqueued_at":5,"attempts":1,"failed_at":8}"#) == 8)
        // Another's field of this name is no reason to refuse the job.
        #expect(try since(#"{"type":"a","enqueued_at":5,"pending_at":"noon"}"#) == 5)
    }

    @Test("is found in the beginning of a record, however long that is")
    func beginning() {
        func since(_ text: String, size: Int) -> Int64? {
            PendingHead(beginning: Array(text.utf8), size: size).pendingSince
        }
        #expect(
            since(#"{"pending_at":9,"type":"a","enqueued_at":5,"payload":"xxxx"#, size: 9999) == 9)
        #expect(since(#"{"type":"a","enqueued_at":5,"payload":"xxxx"#, size: 9999) == 5)
        // Its digits may go on behind what is here.
        #expect(since(#"{"type":"a","enqueued_at":5"#, size: 9999) == nil)
        #expect(since(#"{"type":"a","payload":"xxxx"#, size: 9999) == nil)
        #expect(since("garbage", size: 7) == nil && since("", size: 0) == nil)
    }
}
