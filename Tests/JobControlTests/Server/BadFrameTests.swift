import JobControl
import TestSupport
import Testing

/// What a client may send on the wire, against a real server.
@Suite("C1: bad clients of the control socket")
struct BadFrameTests {
    private static let drained = #"{"parameters":{"running":2,"timeout_ms":30000}}"#
    private static let drain = #"{"method":"io.jobqueue.Control.Drain"}"#

    @Test("a call that comes one byte at a time is answered, and nobody is held up meanwhile")
    func byteByByte() async throws {
        try await withControlServer { stand in
            let slow = try stand.client()
            let other = try stand.client()
            for byte in Array((Self.drain + "\0").utf8) {
                try slow.send([byte])
                // When this is answered, the byte before was read.
                #expect(try other.ask("Drain") == Self.drained)
            }
            #expect(try slow.reply() == Self.drained)
        }
    }

    @Test("half a frame and then the end is answered, and the connection closed")
    func cutOff() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            try client.send(#"{"method":"io.jobque"#)
            client.endSending()
            let text = try client.readToEnd()
            #expect(text.contains("the connection ended within a frame"))
            #expect(text.hasPrefix(#"{"error":"io.jobqueue.Control.Refused""#))
            #expect(stand.service.calls.value.isEmpty)
        }
    }

    @Test("half a frame and then silence is answered after a while, and the connection closed")
    func silence() async throws {
        try await withControlServer(limits: { $0.patience = .milliseconds(100) }) { stand in
            let client = try stand.client()
            try client.send(#"{"method":"io.jobque"#)
            let text = try client.readToEnd()
            #expect(text.contains("a frame was not complete after 0.1 seconds"))
        }
    }

    @Test("another byte again and again wins no time: a frame has one limit from its first byte")
    func trickle() async throws {
        try await withControlServer(limits: { $0.patience = .seconds(2) }) { stand in
            let client = try stand.client()
            let other = try stand.client()
            let end = ContinuousClock.now + .seconds(60)
            var isOpen = true
            while isOpen && ContinuousClock.now < end {
                isOpen = (try? client.send(" ")) != nil
                // When this is answered, the byte was read.
                #expect(try other.ask("Drain") == Self.drained)
            }
            #expect(!isOpen)
            #expect(try client.readToEnd().contains("a frame was not complete"))
        }
    }

    @Test("a client that may act and asks nothing can stay for as long as it likes")
    func idleStays() async throws {
        try await withControlServer(limits: { $0.patience = .milliseconds(100) }) { stand in
            let idle = try stand.client()
            #expect(try idle.ask("Drain") == Self.drained)
            // One that began its silence later has been sent away.
            let half = try stand.client()
            try half.send("{")
            #expect(try half.readToEnd().contains("a frame was not complete"))
            #expect(try idle.ask("Drain") == Self.drained)
        }
    }

    @Test("100 MB without a NUL are refused at 2 MiB, and the connection closed")
    func endless() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
            var sent = 0
            while sent < 100_000_000, (try? client.send(piece)) != nil { sent += piece.count }
            // What the socket's buffer holds is not counted by the server.
            #expect(sent >= 2 << 20 && sent < 8 << 20)
            #expect(
                try client.readToEnd().contains(
                    "a frame may have at most 2097152 bytes before the NUL that ends it"))
            #expect(try stand.client().ask("Drain") == Self.drained)
        }
    }

    @Test("a frame of just 2 MiB is read")
    func longest() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            let padding = String(repeating: " ", count: (2 << 20) - Self.drain.utf8.count)
            #expect(try client.call(Self.drain + padding) == Self.drained)
        }
    }

    @Test(
        "what is no varlink is answered in varlink, and the connection closed",
        arguments: [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n\0", "\0", "null\0", "{}\0",
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", #"{"method":7}"# + "\0",
            String(repeating: "[", count: 10_000) + "\0",
        ])
    func noVarlink(bytes: String) async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            try client.send(bytes + Self.drain + "\0")
            let text = try client.readToEnd()
            #expect(text.hasPrefix(#"{"error":"io.jobqueue.Control.Refused""#))
            #expect(text.contains("this is not a varlink call"))
            // Nothing that follows is carried out.
            #expect(stand.service.calls.value.isEmpty)
        }
    }

    @Test("an unknown method and wrong types are varlink's errors, and the connection stays")
    func wrongCalls() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            #expect(
                try client.ask("Explode")
                    == #"{"error":"org.varlink.service.MethodNotFound","parameters":"#
                    + #"{"method":"io.jobqueue.Control.Explode"}}"#)
            #expect(
                try client.call(#"{"method":"com.example.Other.Do"}"#)
                    == #"{"error":"org.varlink.service.InterfaceNotFound","parameters":"#
                    + #"{"interface":"com.example.Other"}}"#)
            #expect(
                try client.call(
                    #"{"method":"io.jobqueue.Control.Show","parameters":{"id":["x"]}}"#)
                    == #"{"error":"org.varlink.service.InvalidParameter","parameters":"#
                    + #"{"parameter":"id"}}"#)
            #expect(try client.call(Self.drain) == Self.drained)
        }
    }
}
