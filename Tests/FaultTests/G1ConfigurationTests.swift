import Foundation
import TestSupport
import Testing

/// What each value may be, and how it is told, stands in `JobDaemonTests/Configuration`.
@Suite("G1 A configuration that is wrong")
struct G1ConfigurationTests {
    private static let command = "Type=a\nExec=/bin/true"

    @Test(
        "is refused with its file and line, and nothing else is touched: exit 78",
        arguments: [
            ("an unknown key", "[Daemon]\nNo=1", command, 2, "unknown key No="),
            ("an unknown section", "\n[No]\nX=1", command, 2, "unknown section [No]"),
            ("a wrong type", "[Daemon]\nConcurrency=many", command, 2, "'many' must be a number"),
            ("no slots", "[Daemon]\nConcurrency=0", command, 2, "'0' must be a number of 1"),
            ("a negative time", "[Daemon]\nDrainTimeout=-30s", command, 2, "must be a span"),
            // A heartbeat comes each fifth of a lease, and not more often than each 100 ms.
            ("a lease too short for its heartbeats", "[Broker]\nLease=199ms", command, 2, "500ms"),
            ("a missing command", "", "Type=a\nExec=/no/such", 3, "cannot read /no/such"),
            ("a command that cannot be executed", "", "Type=a\nExec=/etc/passwd", 3, "may execute"),
            ("an unknown key of a handler", "", command + "\nNo=1", 4, "unknown key No="),
            ("a handler without slots", "", command + "\nConcurrency=0", 4, "1 to 10000"),
            ("a handler's negative time", "", command + "\nTimeout=-1", 4, "must be a span"),
        ])
    func wrong(
        what: String, main: String, handler: String, line: Int, reason: String
    ) async throws {
        let stage = try Stage(main: main, handler: "[Handler]\n" + handler)
        let errors = try await stage.refusal()
        let file = errors.first?.contains("handlers.d") == true ? stage.handler : stage.main
        #expect(errors.count == 1, "\(what): \(errors)")
        #expect(errors.first?.hasPrefix("\(file):\(line): ") == true, "\(what): \(errors)")
        #expect(errors.first?.contains(reason) == true, "\(what): \(errors)")
    }

    @Test("is told as a whole, however many mistakes there are")
    func everything() async throws {
        let main = (1...20).map { "No\($0)=1" }.joined(separator: "\n")
        let handler = (1...20).map { "No\($0)=1" }.joined(separator: "\n")
        let stage = try Stage(main: "[Daemon]\n" + main, handler: "[Handler]\n" + handler)
        let errors = try await stage.refusal()
        #expect(errors.count { $0.contains("unknown key No") } == 40)
    }

    @Test("files, directories and commands that every user may change are refused")
    func writableByAll() async throws {
        let stage = try Stage(main: "[Daemon]\n", handler: "[Handler]\n" + Self.command)
        let program = try stage.directory.write("#!/bin/sh\n", to: "program", mode: 0o755)
        try stage.directory.write(
            "[Handler]\nType=b\nExec=\(program)\n", to: "handlers.d/b.conf")
        #expect(try await stage.check() == [])
        for path in [stage.main, stage.handler, program, stage.directory.file("handlers.d")] {
            try set(path, 0o777)
            let errors = try await stage.refusal()
            #expect(errors.count == 1)
            #expect(errors.first?.contains("every user may write to it") == true)
            #expect(errors.first?.contains(path) == true)
            try set(path, 0o755)
        }
        #expect(try await stage.check() == [])
    }

    private func set(_ path: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test("of any bytes ends in an orderly way")
    func garbage() async throws {
        let stage = try Stage(main: "", handler: "[Handler]\n" + Self.command)
        let long = Data("[Daemon]\nX=".utf8) + Data(repeating: 0x79, count: 2 << 20)
        for bytes in [Data([0xff, 0xfe, 0]), Data(repeating: 0x5b, count: 100_000), long] {
            try bytes.write(to: URL(fileURLWithPath: stage.main))
            let errors = try await stage.refusal()
            #expect(!errors.isEmpty)
            #expect(errors.allSatisfy { $0.hasPrefix(stage.main) && $0.utf8.count < 500 })
        }
    }

    @Test("touches neither the broker nor a socket")
    func untouched() async throws {
        let redis = try await RedisServer()
        let connection = try redis.connect()
        let connections: () throws -> Substring? = {
            try connection.command(["INFO", "stats"]).text?.split(separator: "\r\n")
                .first { $0.hasPrefix("total_connections_received") }
        }
        let before = try connections()
        let stage = try Stage(
            main: "[Broker]\nAddr=\(redis.address)\n[Daemon]\nNo=1",
            handler: "[Handler]\n" + Self.command)
        #expect(try await stage.refusal().count == 1)
        #expect(before != nil)
        #expect(try connections() == before)
    }
}

/// A configuration in a directory of its own, and a daemon that is started on it.
private struct Stage {
    let directory: TemporaryDirectory
    let main: String
    let handler: String

    init(main text: String, handler: String) throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.file("handlers.d"), withIntermediateDirectories: false)
        try FileManager.default.createDirectory(
            atPath: directory.file("run"), withIntermediateDirectories: false)
        main = try directory.write(text, to: "jobqueued.conf")
        self.handler = try directory.write(handler, to: "handlers.d/a.conf")
    }

    /// Starts the daemon, and checks that it ends with 78 before it leaves a trace; and that a check
    /// says the same.
    ///
    /// - Returns: what it wrote to standard error.
    func refusal(sourceLocation: SourceLocation = #_sourceLocation) async throws -> [String] {
        let daemon = try ChildProcess(product: "jobqueued", arguments)
        #expect(
            try await daemon.waitForEndOfOutput() == .exited(78), sourceLocation: sourceLocation)
        let traces = try FileManager.default.contentsOfDirectory(atPath: directory.file("run"))
        #expect(traces.isEmpty, sourceLocation: sourceLocation)
        #expect(daemon.standardOutput.isEmpty, sourceLocation: sourceLocation)
        #expect(
            try await check(endsWith: 78) == daemon.standardError, sourceLocation: sourceLocation)
        return daemon.standardError
    }

    func check(endsWith status: Int32 = 0) async throws -> [String] {
        let check = try ChildProcess(product: "jobqueued", arguments + ["--check"])
        #expect(try await check.waitForEndOfOutput() == .exited(status))
        return check.standardError
    }

    private var arguments: [String] {
        ["--config", main, "--control", directory.file("run/control.sock"), "--demo"]
    }
}
