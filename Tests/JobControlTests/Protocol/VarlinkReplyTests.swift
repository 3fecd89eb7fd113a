import Testing

@testable import JobControl

@Suite("Writing frames")
struct VarlinkReplyTests {
    private func text(_ frame: [UInt8]) -> String { String(decoding: frame, as: UTF8.self) }

    @Test("a call, a reply and an error are one object each, ended by a NUL")
    func frames() throws {
        #expect(
            text(try VarlinkFrame.call("a.B", Show.Parameters(id: "j")))
                == #"{"method":"a.B","parameters":{"id":"j"}}"# + "\0")
        #expect(
            text(VarlinkFrame.reply(QueueNames(queues: ["q"]), limit: 1_000))
                == #"{"parameters":{"queues":["q"]}}"# + "\0")
        #expect(
            text(VarlinkFrame.error(.methodNotFound("a.C")))
                == #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"a.C"}}"#
                + "\0")
    }

    @Test("a reply that does not fit into a frame is an error that says so, and fits")
    func tooLong() {
        let reply = QueueNames(queues: [String(repeating: "x", count: 500)])
        let frame = text(VarlinkFrame.reply(reply, limit: 500))
        #expect(frame.hasPrefix(#"{"error":"io.jobqueue.Control.Refused""#))
        #expect(frame.contains("a frame at most 500; ask for less at a time"))
        #expect(frame.utf8.count <= 501)
    }

    @Test("a reply of just as many bytes as fit is sent, the NUL not counted")
    func justFits() {
        let reply = QueueNames(queues: ["q"])
        let length = VarlinkFrame.reply(reply, limit: 1_000).count - 1
        #expect(text(VarlinkFrame.reply(reply, limit: length)).hasPrefix(#"{"parameters""#))
        #expect(text(VarlinkFrame.reply(reply, limit: length - 1)).hasPrefix(#"{"error""#))
    }

    @Test("a NUL in a text does not end the frame")
    func nul() {
        let frame = VarlinkFrame.error(.refused(reason: "a\u{0}b"))
        #expect(frame.count { $0 == 0 } == 1 && frame.last == 0)
    }
}
