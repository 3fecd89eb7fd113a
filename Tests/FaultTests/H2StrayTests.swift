import Foundation
import TestSupport
import Testing

@Suite("H2 A command that leaves something running")
struct H2StrayTests {
    @Test(
        "nothing of it is left after a hundred jobs, wherever it hides",
        arguments: [
            // It holds the outputs.
            "sleep 1000 &",
            // A session of its own, with the outputs and without.
            "setsid sleep 1000 &", "setsid sleep 1000 >/dev/null 2>&1 </dev/null &",
            // Twice forked, as daemons do, and with children of its own.
            "setsid sh -c 'setsid sleep 1000 & sleep 1000 & wait' >/dev/null 2>&1 &",
            // It ends by itself when the command is gone, and nobody has asked for it.
            "setsid sh -c 'sleep 0.5' >/dev/null 2>&1 &",
        ])
    func strays(background: String) async throws {
        let place = try CommandPlace()
        try place.handler(
            "stray", "#!/bin/sh\n\(background)\nexit 0\n",
            more: "Environment=PLACE=\(place.directory.path)")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "stray", "--count", "100")
        await eventually(equals: 100) { try daemon.processed() }
        await eventually(equals: []) { place.processes() }
        // Ended ones are gone, too.
        await eventually(equals: []) { daemon.children() }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("what a command has started elsewhere runs as long as the command does")
    func whileItRuns() async throws {
        let place = try CommandPlace()
        let directory = place.directory
        try place.handler(
            "stray",
            """
            #!/bin/sh
            setsid sh -c 'echo $$ > \(directory.file("pid")); exec sleep 1000' >/dev/null 2>&1 &
            while [ ! -e \(directory.file("go")) ]; do sleep 0.05; done
            """)
        try place.command("other", "/bin/true")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "stray")
        await eventually { place.text("pid")?.hasSuffix("\n") == true }
        let text = place.text("pid")?.trimmingCharacters(in: .whitespacesAndNewlines)
        let stray = try #require(pid_t(text ?? ""))
        // The ends of others make the daemon look for strays, a second later.
        let begun = ContinuousClock.now
        var others = 0.0
        while ContinuousClock.now - begun < .seconds(3) {
            try await daemon.done("enqueue", "--type", "other")
            others += 1
            await eventually(equals: others) { try daemon.processed() }
        }
        #expect(kill(stray, 0) == 0)
        try directory.write("", to: "go")
        await eventually { kill(stray, 0) != 0 }
        #expect(try await daemon.drain() == .exited(0))
    }

    /// A command that leaves a process behind in a session of its own; `$1` is what goes before it.
    private static let leaves = """
        #!/bin/sh
        BEFORE setsid sh -c 'echo $$ > PID; exec sleep 1000' >/dev/null 2>&1 </dev/null &
        while [ ! -s PID ]; do sleep 0.02; done
        AFTER
        """

    private func leaves(
        _ place: CommandPlace, before: String = "", after: String = "exit 0"
    ) throws {
        try place.handler(
            "stray",
            Self.leaves.replacing("PID", with: place.directory.file("pid"))
                .replacing("BEFORE", with: before).replacing("AFTER", with: after))
    }

    private func stray(_ place: CommandPlace) async throws -> pid_t {
        await eventually { place.text("pid")?.hasSuffix("\n") == true }
        let text = place.text("pid")?.trimmingCharacters(in: .whitespacesAndNewlines)
        return try #require(pid_t(text ?? ""))
    }

    @Test("what has dropped the variable by which it is known is killed as well")
    func unmarked() async throws {
        let place = try CommandPlace()
        try leaves(place, before: "env -i")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "stray")
        await eventually(equals: 1) { try daemon.processed() }
        let stray = try await stray(place)
        await eventually { kill(stray, 0) != 0 }
        await eventually(equals: []) { daemon.children() }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a second signal leaves nothing running", arguments: ["", "env -i"])
    func secondSignal(before: String) async throws {
        let place = try CommandPlace()
        try leaves(place, before: before, after: "exec sleep 1000")
        let daemon = try await place.daemon(["--drain-timeout", "60s"])
        try await daemon.done("enqueue", "--type", "stray")
        let stray = try await stray(place)
        daemon.signal(SIGTERM)
        try await daemon.child.line(containing: "draining (SIGTERM)")
        #expect(try await daemon.drain() == .exited(1))
        await eventually { kill(stray, 0) != 0 }
    }

    @Test("what a killed daemon has left is killed when its instance starts again")
    func killedDaemon() async throws {
        let place = try CommandPlace()
        try leaves(place, after: "exec sleep 1000")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "stray")
        let stray = try await stray(place)
        try await daemon.kill()
        #expect(kill(stray, 0) == 0)
        try FileManager.default.removeItem(atPath: place.directory.file("pid"))
        try place.command("stray", "/bin/true")
        try FileManager.default.removeItem(atPath: place.directory.file("handlers.d/stray.conf"))
        try place.command("other", "/bin/true")
        try daemon.restart()
        try await daemon.ready()
        await eventually { kill(stray, 0) != 0 }
        #expect(daemon.log.contains { $0.contains("that commands of this") })
        #expect(try await daemon.drain() == .exited(0))
    }
}
