import Glibc
import TestSupport
import Testing

@Suite("A daemon of a site's own")
struct OwnDaemonTests {
    private func daemon(
        _ mode: String, _ effects: EffectFile, _ arguments: [String] = [],
        _ more: [String: String] = [:]
    ) throws -> DaemonProcess {
        try DaemonProcess(
            "jobqueued-testd", address: "sqlite::memory:", arguments, effects: effects,
            environment: ["SET_UP": mode].merging(more) { $1 })
    }

    @Test("may wait in its set-up, drains on SIGTERM, and then closes what it has opened")
    func setUp() async throws {
        let effects = try EffectFile()
        let daemon = try daemon("waits a little", effects)
        try await daemon.ready()
        #expect(effects.lines == ["set up"])
        let end = daemon.directory.file("end")
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "j", "--payload",
            #"{"says_start":true,"until":"\#(end)"}"#)
        await eventually(equals: ["j"]) { effects.started }
        daemon.signal(SIGTERM)
        try await daemon.child.line(containing: "draining (SIGTERM)")
        try daemon.directory.write("", to: "end")
        #expect(try await daemon.child.waitForExit() == .exited(0))
        #expect(effects.lines.suffix(3) == ["X j 1", "shut down first", "shut down last"])
    }

    @Test("whose set-up fails says why and ends with 69; --help and --check call none")
    func failingSetUp() async throws {
        let effects = try EffectFile()
        let failing = try daemon("fails", effects)
        #expect(try await failing.child.waitForEndOfOutput() == .exited(69))
        #expect(
            failing.log.last?.hasSuffix("cannot set up the handlers: no pool of connections")
                == true, "\(failing.log)")
        for flag in ["--help", "--check", "--version", "--show-config"] {
            let asked = try daemon("fails", effects, [flag])
            #expect(try await asked.child.waitForEndOfOutput() == .exited(0), "\(flag)")
        }
        #expect(effects.lines == ["set up"])
    }

    @Test("ends well on SIGTERM while its set-up waits")
    func stoppedInSetUp() async throws {
        let effects = try EffectFile()
        let daemon = try daemon("waits", effects)
        await eventually(equals: ["set up"]) { effects.lines }
        daemon.signal(SIGTERM)
        #expect(try await daemon.child.waitForExit() == .exited(0))
    }

    @Test("whose shutdown does not end is ended after the grace, with a word")
    func stayingShutdown() async throws {
        let effects = try EffectFile()
        let daemon = try daemon("stays", effects, ["--kill-grace", "200ms"])
        try await daemon.ready()
        #expect(try await daemon.drain() == .exited(0))
        #expect(
            daemon.log.contains { $0.contains("has not ended within KillGrace=200ms") },
            "\(daemon.log)")
        #expect(effects.lines == ["set up"])
    }

    @Test("with a thread that signals would strike is not started, and says what to do")
    func threadBefore() async throws {
        let daemon = try DaemonProcess(
            "jobqueued-testd", address: "sqlite::memory:",
            environment: ["THREAD_BEFORE_RUN": "1"])
        #expect(try await daemon.child.waitForEndOfOutput() == .exited(70))
        #expect(daemon.log.count == 1)
        #expect(daemon.log.first?.contains("call it first thing in main") == true)
    }
}
