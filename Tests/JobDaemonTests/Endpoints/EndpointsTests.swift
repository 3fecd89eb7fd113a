import EventLoop
import Foundation
import JobControl
import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("What the daemon listens on")
struct EndpointsTests {
    private let directory: TemporaryDirectory
    private let port: Int

    init() throws {
        directory = try TemporaryDirectory()
        port = try freePort()
    }

    private var controlPath: String { directory.file("control.sock") }

    private func options(metrics: String? = nil, control: String? = nil) -> DaemonOptions {
        var options = DaemonOptions()
        options.metricsAddress = metrics ?? "127.0.0.1:\(port)"
        options.controlPath = control ?? controlPath
        return options
    }

    private func endpoints(_ loop: EventLoop, _ options: DaemonOptions) async throws -> Endpoints {
        let stand = BrokerStand.withoutRedis(loop: loop)
        let endpoints = try await Endpoints(
            loop: loop, options: options, broker: stand.broker, worker: stand.worker,
            health: stand.health,
            metrics: Metrics(types: [], queues: [.default], version: "1"), stop: StopSwitch(),
            reloader: ReaderDouble(result: .done(warnings: [])),
            log: try LogWriter.start(level: .error))
        try await endpoints.serveControl()
        return endpoints
    }

    private func failure(_ options: DaemonOptions) async throws -> StartFailure? {
        try await withEventLoop { loop in
            await #expect(throws: StartFailure.self) { _ = try await endpoints(loop, options) }
        }
    }

    /// The status and the text of a page, as a program of others sees them.
    private func get(_ path: String) async throws -> [String] {
        let curl = try ChildProcess(
            "/usr/bin/env",
            [
                "curl", "--silent", "--noproxy", "*", "--max-time", "30", "--write-out",
                "%{http_code}", "http://127.0.0.1:\(port)\(path)",
            ])
        try await curl.waitForEndOfOutput(within: .seconds(60))
        return curl.standardOutput
    }

    /// Waits until nobody listens on the port: a process that another test is just starting may hold it
    /// a moment longer.
    private func expectNobody() async {
        await eventually(equals: ["000"]) { try await get("/healthz") }
    }

    private func ctl(_ arguments: String...) async throws -> ChildProcess {
        let tool = try ChildProcess(
            product: "jobqueuectl", ["--socket", controlPath] + arguments)
        try await tool.waitForEndOfOutput(within: .seconds(60))
        return tool
    }

    @Test("pages and control socket answer while the broker is awaited, and are gone afterwards")
    func served() async throws {
        try await withEventLoop { loop in
            let endpoints = try await endpoints(loop, options())
            #expect(
                try await get("/healthz") == ["not connected to Redis at 127.0.0.1:1 yet", "503"])
            let stats = try await ctl("stats")
            #expect(stats.exitStatus == .exited(1))
            #expect(stats.standardError.first?.contains("cannot reach the broker") == true)
            await endpoints.close()
            await expectNobody()
            #expect(try await ctl("stats").exitStatus == .exited(69))
            #expect(access(controlPath, F_OK) != 0)
        }
    }

    @Test("the control socket is for the daemon's user and group alone")
    func socketMode() async throws {
        try await withEventLoop { loop in
            let endpoints = try await endpoints(loop, options())
            var status = stat()
            try #require(lstat(controlPath, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o660)
            await endpoints.close()
        }
    }

    @Test("a port that is taken is told (78), and the control socket is not made")
    func portInUse() async throws {
        try await withEventLoop { loop in
            let first = try await endpoints(loop, options())
            let other = directory.file("other.sock")
            let failure = await #expect(throws: StartFailure.self) {
                _ = try await endpoints(loop, options(control: other))
            }
            #expect(failure?.code == .configuration)
            #expect(failure?.description.contains("127.0.0.1:\(port)") == true)
            #expect(access(other, F_OK) != 0)
            await first.close()
        }
    }

    @Test("C3: what lies in the control socket's place is told (78), left alone, the port freed")
    func controlInUse() async throws {
        try directory.write("precious", to: "control.sock")
        let failure = try await failure(options())
        #expect(failure?.code == .configuration)
        #expect(
            failure?.description
                == "\(controlPath) is a file and no socket; it is left alone: move it away, or "
                + "choose another path (--control)")
        #expect(try directory.read("control.sock") == "precious")
        await expectNobody()
    }

    @Test(
        "C3: a path that no socket can have is told (78)",
        arguments: [
            ("/none/control.sock", "does its directory exist?"),
            ("/tmp/" + String(repeating: "x", count: 103), "has 108 bytes"),
        ])
    func badPath(path: String, reason: String) async throws {
        let failure = try await failure(options(control: path))
        #expect(failure?.code == .configuration)
        #expect(failure?.description.contains(reason) == true)
        #expect(failure?.description.hasSuffix("(--control)") == true)
    }

    @Test("an address that is not this machine's is told (78)")
    func foreignAddress() async throws {
        let failure = try await failure(options(metrics: "203.0.113.1:0"))
        #expect(failure?.code == .configuration)
        #expect(failure?.description.contains("203.0.113.1:0") == true)
    }
}
