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
}
