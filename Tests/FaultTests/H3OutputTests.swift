import Foundation
import TestSupport
import Testing

@Suite("H3 A command that writes without end", .serialized)
struct H3OutputTests {
    /// The most memory that the daemon ever had, KiB.
    private func peak(_ daemon: DaemonProcess) throws -> Int {
        let status = try String(
            contentsOfFile: "/proc/\(daemon.child.pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) })
    }

    @Test(
        "output without end takes no memory, and what is dropped is told in one line",
        arguments: [
            ("cat", 1024), ("tr '\\0' x", 100), ("tr '\\0' '\\377'", 100), ("tr '\\0' '\\n'", 100),
        ])
    func flood(bytes: String, megabytes: Int) async throws {
        let place = try CommandPlace()
        try place.handler(
            "flood",
            """
            #!/bin/sh
            head -c \(megabytes)M /dev/zero | \(bytes)
            head -c \(megabytes)M /dev/zero | \(bytes) >&2
            """)
        let daemon = try await place.daemon()
        let before = try peak(daemon)
        try await daemon.done("enqueue", "--type", "flood")
        await eventually(equals: 1, within: .seconds(120)) { try daemon.processed() }
        let after = try peak(daemon)
        #expect(after - before < 64 << 10, "\(before) to \(after) KiB")
        let told = daemon.log.filter { $0.contains("bytes more on standard error were dropped") }
        #expect(told.count == 1)
        let count = try #require(told.first?.split(separator: " ").compactMap { Int($0) }.first)
        #expect(count > (megabytes - 2) << 20)
        #expect(told.first?.contains("type=flood") == true)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("what is no text is escaped in the log, and in the reason")
    func escapes() async throws {
        let place = try CommandPlace()
        try place.handler(
            "odd",
            #"""
            #!/bin/sh
            printf 'a\000b\377c\033[31m\n' >&2
            exit 65
            """#)
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "odd", "--id", "o1")
        await eventually(equals: 1) { try daemon.dead() }
        let text = #"a\x00b\xffc\x1b[31m"#
        #expect(daemon.log.contains { $0.contains("INFO \(text) ") }, "\(daemon.log)")
        let shown = try await daemon.done("dead", "show", "o1")
        #expect(shown.contains { $0.contains(#"exit 65: a\x00b"#) }, "\(shown)")
        #expect(try await daemon.drain() == .exited(0))
    }
}
