import Foundation
import TestSupport
import Testing

/// What is computed at the start stands in `JobDaemonTests/Life/DescriptorPlanTests`.
@Suite("L1 Descriptors at their end")
struct L1DescriptorTests {
    private func limit(_ limits: String) -> [String] { ["/usr/bin/prlimit", "--nofile=\(limits)"] }

    @Test("forty of them, and 75 idle clients on each socket: jobs run, and new clients are let in")
    func idleClients() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, launcher: limit("40:40"))
        #expect(daemon.log.contains { $0.contains("40 descriptors leave") }, "\(daemon.log)")
        let port = try daemon.port
        let pages = try (0..<75).map { _ in try RawClient(port: port) }
        let controls = (0..<75).compactMap { _ in try? BareControlClient(of: daemon) }
        // The first job, and one that waits on Swift's own timers.
        for number in 1...20 {
            try queue.push(BareQueue.job("t-\(number)", #"{"ms":10}"#))
        }
        await eventually(equals: 20) { try queue.total("done") }
        #expect(try daemon.get("/healthz").status == 200)
        withExtendedLifetime((pages, controls)) {}
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("when its connections are cut meanwhile, it connects again")
    func reconnects() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, launcher: limit("40:40"))
        let port = try daemon.port
        let pages = try (0..<75).map { _ in try RawClient(port: port) }
        for round in 1...3 {
            _ = try redis.command(["CLIENT", "KILL", "TYPE", "normal"])
            try queue.push(BareQueue.job("t-\(round)"))
            await eventually(equals: round) { try queue.total("done") }
        }
        withExtendedLifetime(pages) {}
    }

    @Test("too few for its settings: exit 78, with what is needed")
    func tooFew() async throws {
        let redis = try await RedisServer()
        let daemon = try DaemonProcess(address: redis.address, launcher: limit("24:24"))
        #expect(try await daemon.child.waitForEndOfOutput() == .exited(78))
        let errors = daemon.log.filter { $0.contains("LimitNOFILE=") }
        #expect(errors.count == 1, "\(daemon.log)")
    }

    @Test("it takes all that it may have, and commands get the limit that it was given")
    func raised() async throws {
        let place = try CommandPlace()
        try place.handler("limits", "#!/bin/sh\necho \"\\\"$(ulimit -Sn) $(ulimit -Hn)\\\"\"\n")
        let daemon = try await place.daemon(launcher: limit("300:2000"))
        try await daemon.ready()
        #expect(try daemon.metric("process_max_fds") == 2000)
        #expect(
            try await daemon.done("enqueue", "--type", "limits", "--wait") == [#""300 2000""#])
        try await daemon.drain()
    }

    @Test(
        "commands for which there are none left are put off with the reason, and no attempt is used"
    )
    func commands() async throws {
        let place = try CommandPlace()
        let end = place.directory.file("end")
        try place.handler("long", "#!/bin/sh\nwhile [ ! -e \(end) ]; do sleep 0.05; done\n")
        let daemon = try await place.daemon(["--concurrency", "30"], launcher: limit("80:80"))
        try await daemon.ready()
        #expect(daemon.log.contains { $0.contains("commands at a time") }, "\(daemon.log)")
        try await daemon.done("enqueue", "--type", "long", "--count", "30", "--max-attempts", "1")
        try await daemon.child.line(containing: "no attempt used: cannot start")
        try place.directory.write("", to: "end")
        await eventually(equals: 30, within: .seconds(60)) { try daemon.processed() }
        #expect(try daemon.metric(#"jobqueue_jobs{queue="default",state="dead"}"#) == 0)
        #expect(try await daemon.drain() == .exited(0))
    }
}
