import Foundation
import TestSupport
import Testing

@Suite("A command or handler that is missing for a moment")
struct MissingCommandTests {
    @Test(
        "costs its jobs attempts, and they are done when it is back",
        arguments: ["once", "persistent"])
    func deploy(mode: String) async throws {
        let place = try CommandPlace()
        let directory = place.directory
        let script =
            mode == "once"
            ? "#!/bin/sh\nexit 0\n"
            : "#!/usr/bin/python3\nimport sys\nfor line in sys.stdin: print('{\"ok\": true}', flush=True)\n"
        let more = "Mode=\(mode)\nRetryBase=50ms\nRetryMax=50ms"
        try FileManager.default.createDirectory(
            atPath: directory.file("work"), withIntermediateDirectories: false)
        for type in ["gone", "mode", "empty", "interpreter"] {
            try place.handler(type, script, more: more)
        }
        try place.handler(
            "directory", script, more: "\(more)\nWorkingDirectory=\(directory.file("work"))")
        let daemon = try await place.daemon()
        try FileManager.default.removeItem(atPath: directory.file("gone"))
        try directory.write(script, to: "mode", mode: 0o644)
        try directory.write("", to: "empty", mode: 0o755)
        try directory.write("#!/nowhere/at-all\n", to: "interpreter", mode: 0o755)
        try FileManager.default.moveItem(
            atPath: directory.file("work"), toPath: directory.file("work.old"))
        let types = ["gone", "mode", "empty", "interpreter", "directory"]
        for type in types {
            try await daemon.done("enqueue", "--type", type)
            await eventually {
                daemon.log.contains { $0.contains("; next in") && $0.contains("type=\(type) ") }
            }
        }
        // Written beside and renamed: a file that is being written cannot be started.
        for type in types.dropLast() {
            try directory.write(script, to: "\(type).new", mode: 0o755)
            _ = rename(directory.file("\(type).new"), directory.file(type))
        }
        try FileManager.default.moveItem(
            atPath: directory.file("work.old"), toPath: directory.file("work"))
        await eventually(equals: 5) { try daemon.processed() }
        #expect(try daemon.dead() == 0)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a handler file that a reload has taken away, too")
    func goneFile() async throws {
        let place = try CommandPlace()
        try place.handler(
            "mail", "#!/bin/sh\nexit 0\n", more: "RetryBase=50ms\nRetryMax=50ms")
        let daemon = try await place.daemon()
        let file = place.directory.file("handlers.d/mail.conf")
        try FileManager.default.moveItem(atPath: file, toPath: "\(file).old")
        #expect(try await daemon.done("reload") == ["reloaded"])
        try await daemon.done("enqueue", "--type", "mail")
        try await daemon.done("enqueue", "--type", "never:known")
        try await daemon.child.line(
            containing: "failed: no handler for type mail any more; next in")
        try await daemon.child.line(
            containing: "job is dead, never run: no handler for type never:known")
        try FileManager.default.moveItem(atPath: "\(file).old", toPath: file)
        try await daemon.done("reload")
        await eventually(equals: 1) { try daemon.processed() }
        #expect(try daemon.dead() == 1)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("with NoHandler=retry a type that never had a handler is tried again")
    func retry() async throws {
        let place = try CommandPlace()
        try place.directory.write(
            "[Queue]\nNoHandler=retry\n[Retry]\nBase=50ms\nMax=50ms\n", to: "jobqueued.conf")
        let daemon = try await place.daemon()
        #expect(daemon.log.contains { $0.contains("WARNING there are no handlers: every attempt") })
        try await daemon.done("enqueue", "--type", "mail")
        try await daemon.child.line(
            containing: "attempt 2 of 25 failed: no handler for type mail; next in")
        try place.handler("mail", "#!/bin/sh\nexit 0\n")
        try await daemon.done("reload")
        await eventually(equals: 1) { try daemon.processed() }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a daemon without any handler says so at its start")
    func noHandlers() async throws {
        let place = try CommandPlace()
        let daemon = try await place.daemon()
        #expect(
            daemon.log.contains {
                $0.contains(
                    "WARNING there are no handlers: every job that is claimed is dead at once")
            }, "\(daemon.log)")
        #expect(try await daemon.drain() == .exited(0))
        try place.command("mail", "/bin/true")
        let other = try await place.daemon()
        #expect(!other.log.contains { $0.contains("there are no handlers") })
        #expect(try await other.drain() == .exited(0))
    }
}
