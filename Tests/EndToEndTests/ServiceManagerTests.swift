import Glibc
import TestSupport
import Testing

@Suite("What the service manager is told")
struct ServiceManagerTests {
    @Test("READY=1 only when the broker was checked; until then STATUS= says what is awaited")
    func ready() async throws {
        let redis = try await RedisServer()
        try await redis.kill()
        let notify = try NotifySocket()
        let daemon = try DaemonProcess(address: redis.address, environment: notify.environment)
        try await notify.message(containing: "STATUS=waiting for Redis")
        try await notify.message(containing: "EXTEND_TIMEOUT_USEC=")
        #expect(!notify.messages.contains { $0.contains("READY=1") })
        try await redis.restart()
        try await notify.message(containing: "READY=1")
        try await notify.message(containing: "STATUS=running 0/10, pending 0, redis ")
        try await daemon.drain()
        try await notify.message(containing: "STOPPING=1")
    }

    @Test("WATCHDOG=1 comes while all is well, and no more when the loop is stuck, which is told")
    func watchdog() async throws {
        let redis = try await RedisServer()
        let notify = try NotifySocket()
        var environment = notify.environment
        environment["WATCHDOG_USEC"] = "200000"
        let daemon = try await DaemonProcess.ready(address: redis.address, environment: environment)
        await eventually { Self.beats(notify) >= 3 }
        try redis.command([
            "RPUSH", "jq:{default}:pending", #"{"type":"failpoint:stick-loop"}"#,
        ])
        await eventually(equals: 0, "the job was claimed") {
            try redis.command(["LLEN", "jq:{default}:pending"]).integer
        }
        // Ten intervals without a beat: it is over. The manager would kill it now.
        await eventually("no beat any more", within: .seconds(30)) {
            await Self.isSilent(notify, for: .milliseconds(2000))
        }
        #expect(
            daemon.log.last { $0.contains("the event loop") }
                == "ERROR the event loop is stuck: the watchdog is not fed any more")
        daemon.signal(SIGKILL)
    }

    @Test("a drain says how it goes, and asks for the time that it may take")
    func drain() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let notify = try NotifySocket()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address,
            ["--drain-timeout", "2s", "--kill-grace", "60s"], effects: effects,
            environment: notify.environment)
        let end = daemon.directory.file("end")
        let order = #"{"says_start":true,"stubborn_until":"\#(end)"}"#
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "stubborn", "--payload", order)
        await eventually(equals: ["stubborn"]) { effects.started }
        daemon.signal(SIGTERM)
        let running = try await notify.message(containing: "STATUS=draining: 1 running, ")
        #expect(running.contains("EXTEND_TIMEOUT_USEC="))
        #expect(running.hasSuffix(" s left"))
        let cancelled = try await notify.message(containing: "STATUS=draining: 1 cancelled, ")
        #expect(cancelled.contains("EXTEND_TIMEOUT_USEC="))
        try daemon.directory.write("", to: "end")
        #expect(try await daemon.child.waitForExit() == .exited(0))
        let statuses = notify.messages.drop { !$0.contains("STOPPING=1") }
        #expect(!statuses.contains { $0.contains("STATUS=running") })
    }

    @Test("a drain asks for time, too, while commands leave that have run on")
    func leavingCommands() async throws {
        let place = try CommandPlace()
        let gate = place.directory.file("gate")
        // It takes its time after its input has ended, and after SIGTERM.
        try place.handler(
            "mail:*",
            """
            #!/usr/bin/python3
            import json, os, signal, sys, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for line in sys.stdin: print('{"ok": true}', flush=True)
            while not os.path.exists("\(gate)"): time.sleep(0.02)
            """, more: "Mode=persistent")
        let notify = try NotifySocket()
        let daemon = try await place.daemon(environment: notify.environment)
        try await daemon.done("enqueue", "--type", "mail:welcome", "--wait")
        daemon.signal(SIGTERM)
        let leaving = try await notify.message(containing: "STATUS=draining: ends 1 command")
        #expect(leaving.contains("EXTEND_TIMEOUT_USEC="))
        #expect(!daemon.log.contains { $0.contains("stopped") })
        try place.directory.write("", to: "gate")
        #expect(try await daemon.child.waitForEndOfOutput() == .exited(0))
        #expect(daemon.log.last?.contains("stopped") == true)
    }

    @Test("under a service manager a broker is waited for long enough to keep off the start limit")
    func shortWait() async throws {
        let port = try freePort()
        let notify = try NotifySocket()
        let daemon = try DaemonProcess(
            address: "127.0.0.1:\(port)", ["--broker-wait", "100ms"],
            environment: notify.environment)
        #expect(try await daemon.child.waitForEndOfOutput() == .exited(69))
        #expect(daemon.log.last?.contains("gave up after 7s") == true, "\(daemon.log)")
    }

    @Test("a Redis that is known to be away is no reason to be killed")
    func watchdogWithoutRedis() async throws {
        let redis = try await RedisServer()
        let notify = try NotifySocket()
        var environment = notify.environment
        environment["WATCHDOG_USEC"] = "200000"
        let daemon = try await DaemonProcess.ready(address: redis.address, environment: environment)
        try await redis.kill()
        await eventually(equals: 503) { try daemon.get("/healthz").status }
        let before = Self.beats(notify)
        await eventually { Self.beats(notify) >= before + 5 }
        try await notify.message(containing: "waiting for Redis")
    }

    private static func beats(_ notify: NotifySocket) -> Int {
        notify.messages.count { $0.contains("WATCHDOG=1") }
    }

    /// Whether no beat comes for so long.
    private static func isSilent(_ notify: NotifySocket, for time: Duration) async -> Bool {
        let before = beats(notify)
        let more = try? await notify.message(
            containing: "WATCHDOG=1", number: before + 1, within: time)
        return more == nil
    }
}
