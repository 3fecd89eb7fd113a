import TestSupport
import Testing

@Suite("H4 A command that does not read its input")
struct H4UnreadInputTests {
    @Test(
        "a payload that no pipe holds waits for nobody",
        arguments: ["exit 0", "exec <&-; sleep 0.2", "sleep 0.2", "head -c 10 >/dev/null"])
    func unread(script: String) async throws {
        let place = try CommandPlace()
        try place.handler("deaf", "#!/bin/sh\n\(script)\n")
        let daemon = try await place.daemon()
        let payload = "\"" + String(repeating: "x", count: 200_000) + "\""
        try place.directory.write(payload, to: "payload")
        try await daemon.done(
            "enqueue", "--type", "deaf", "--payload", "@" + place.directory.file("payload"),
            "--count", "20")
        await eventually(equals: 20) { try daemon.processed() }
        #expect(try await daemon.drain() == .exited(0))
    }
}
