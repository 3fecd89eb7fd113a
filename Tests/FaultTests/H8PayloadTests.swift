import Foundation
import TestSupport
import Testing

@Suite("H8 A payload that means mischief")
struct H8PayloadTests {
    private static let payloads = [
        #""$(touch PLACE/x)""#, #"{"a": "`touch PLACE/x`; rm -rf PLACE"}"#, #""-rf --help\n-x""#,
        #""\u0000\u001b]0;x\u0007""#, "[1,\n 2 ,\t\"%s%n$IFS${PATH}\"]", #""'\"; exit 65 #""#,
    ]

    @Test(
        "it reaches the command byte for byte, and neither its arguments nor its environment",
        arguments: payloads)
    func payload(template: String) async throws {
        let place = try CommandPlace()
        let path = place.directory.path
        let payload = template.replacing("PLACE", with: path)
        // It says what it was started with before it reads.
        try place.handler(
            "show",
            """
            #!/bin/sh
            cat /proc/$$/cmdline /proc/$$/environ > \(path)/seen
            cat > \(path)/new && mv \(path)/new \(path)/read
            """)
        try place.directory.write(payload, to: "payload")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "show", "--payload", "@\(path)/payload")
        await eventually(equals: 1) { try daemon.processed() }
        #expect(place.text("read") == payload)
        let seen = try #require(place.text("seen"))
        for part in ["touch", "-rf", "%s", "IFS", "exit 65", "u001b"] {
            #expect(!seen.contains(part))
        }
        #expect(!FileManager.default.fileExists(atPath: "\(path)/x"))
        #expect(!daemon.log.contains { $0.contains(payload) })
        #expect(try await daemon.drain() == .exited(0))
    }
}
