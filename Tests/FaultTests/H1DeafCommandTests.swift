import Foundation
import TestSupport
import Testing

@Suite("H1 A command that ignores SIGTERM")
struct H1DeafCommandTests {
    private static let deaf = """
        #!/bin/sh
        trap '' TERM
        echo "deaf $JOB_ID" >&2
        while :; do sleep 1; done
        """

    @Test("it is killed with its group after the grace, and its slot is free again")
    func timeout() async throws {
        let place = try CommandPlace()
        try place.handler("deaf", Self.deaf, more: "Timeout=3s\nMaxAttempts=1")
        try place.command("next", "/bin/true")
        let daemon = try await place.daemon(["--concurrency", "1"], grace: "1s")
        try await daemon.done("enqueue", "--type", "deaf", "--id", "d1")
        try await daemon.child.line(containing: "deaf d1")
        let begun = ContinuousClock.now
        try await daemon.done("enqueue", "--type", "next")
        await eventually(equals: 1) { try daemon.processed() }
        // Timeout and grace are four seconds; one more is promised, the rest is for a busy machine.
        #expect(ContinuousClock.now - begun < .seconds(30))
        await eventually(equals: []) { daemon.children() }
        let shown = try await daemon.done("dead", "show", "d1")
        #expect(shown.contains { $0.contains("timed out after 3s") }, "\(shown)")
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test(
        "so it is where a reload has brought the first handler file: no outcome before it is killed"
    )
    func firstHandlerFile() async throws {
        let place = try CommandPlace()
        let daemon = try await place.daemon(grace: "300ms")
        try place.handler("deaf", Self.deaf, more: "Timeout=2s\nMaxAttempts=1")
        try await daemon.done("reload")
        try await daemon.done("enqueue", "--type", "deaf", "--id", "d1")
        // What it said last comes with the outcome of a command that has ended, and with no other.
        try await daemon.child.line(
            containing: "job is dead after attempt 1 of 1: timed out after 2s: deaf d1")
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a drain kills it, and its job goes back")
    func drain() async throws {
        let place = try CommandPlace()
        try place.handler("deaf", Self.deaf)
        let daemon = try await place.daemon(["--drain-timeout", "100ms"], grace: "1s")
        try await daemon.done("enqueue", "--type", "deaf", "--id", "d1")
        try await daemon.child.line(containing: "deaf d1")
        let children = daemon.children()
        #expect(children.count == 1)
        #expect(try await daemon.drain() == .exited(0))
        for child in children { await eventually { kill(child, 0) != 0 } }
        let next = try await place.daemon(["--drain-timeout", "0s"], grace: "1s")
        try await next.child.line(containing: "deaf d1")
    }
}
