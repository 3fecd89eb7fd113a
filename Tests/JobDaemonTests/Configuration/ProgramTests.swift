import Foundation
import Glibc
import JobDaemon
import TestSupport
import Testing

/// The program itself, in a process that ends at once.
@Suite("The program jobqueued, asked something it needs no broker for")
struct ProgramTests {
    private func run(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (output: [String], errors: [String], status: ChildProcess.ExitStatus) {
        let process = try ChildProcess(product: "jobqueued", arguments, environment: environment)
        let status = try await process.waitForEndOfOutput(within: .seconds(60))
        return (process.standardOutput, process.standardError, status)
    }

    @Test("wrong usage ends with 64, each mistake on a line of standard error")
    func usage() async throws {
        let (output, errors, status) = try await run("--nope", "--lease")
        #expect(
            errors == [
                "jobqueued: unknown argument '--nope'; see jobqueued --help",
                "jobqueued: --lease needs a value",
            ])
        #expect(output.isEmpty && status == .exited(64))
    }

    @Test("wrong values end with 78, all of them at once, and no socket is touched before")
    func values() async throws {
        let directory = try TemporaryDirectory()
        for mode in ["--demo", "--check"] {
            let (output, errors, status) = try await run(
                mode, "--concurrency", "0", "--metrics-addr", "nowhere", "--control",
                directory.file("control.sock"), environment: ["JQ_LEASE": "1ms"])
            #expect(output.isEmpty && status == .exited(78))
            #expect(errors.count == 3)
            #expect(errors[0].hasPrefix("jobqueued: --concurrency: '0' must be"))
            #expect(errors[1].hasPrefix("jobqueued: --metrics-addr: "))
            #expect(errors[2].hasPrefix("jobqueued: JQ_LEASE: '1ms' must be between"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test("a check of good settings ends with 0, tells no password and starts nothing")
    func check() async throws {
        let directory = try TemporaryDirectory()
        let (output, errors, status) = try await run(
            "--check", "--addr", "redis://user:s3cr3t@redis.example/2", "--control",
            directory.file("control.sock"))
        #expect(output == ["the settings are good; broker: Redis at redis.example:6379/2"])
        #expect(errors.isEmpty && status == .exited(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test(
        "what cannot be printed is no success",
        arguments: ["--show-config", "--help", "--version", "--check"])
    func fullDisk(flag: String) async throws {
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", "exec \(ChildProcess.productsDirectory)/jobqueued \(flag) >/dev/full"])
        #expect(try await process.waitForEndOfOutput() == .exited(70))
        #expect(
            process.standardError == [
                "jobqueued: cannot write to standard output: No space left on device"
            ])
    }

    @Test("whoever reads no further than the first line has seen enough")
    func closedOutput() async throws {
        let process = try ChildProcess(
            "/bin/bash",
            ["-c", "\(ChildProcess.productsDirectory)/jobqueued --help > >(exec true); echo $?"])
        try await process.waitForEndOfOutput()
        #expect(process.standardOutput == ["0"] && process.standardError == [])
    }

    @Test(
        "root's check looks as the service's user: what only root may run is not good",
        .enabled(if: geteuid() == 0, "only root can become another user"))
    func checkUser() async throws {
        let directory = try TemporaryDirectory()
        chmod(directory.path, 0o755)
        try FileManager.default.createDirectory(
            atPath: directory.file("handlers.d"), withIntermediateDirectories: true)
        let main = try directory.write("", to: "jobqueued.conf")
        let script = try directory.write("#!/bin/sh\n", to: "script", mode: 0o700)
        let file = try directory.write(
            "[Handler]\nType=work\nExec=\(script)\n", to: "handlers.d/work.conf")
        let asRoot = try await run("--config", main, "--check", "--check-user", "root")
        #expect(asRoot.status == .exited(0) && asRoot.errors == [])
        let asNobody = try await run("--config", main, "--check", "--check-user", "nobody")
        #expect(asNobody.status == .exited(78))
        #expect(asNobody.errors.first?.hasPrefix("\(file):3: Exec=: ") == true)
        chmod(script, 0o755)
        let good = try await run("--config", main, "--check", "--check-user", "nobody")
        #expect(
            good.output == [
                "the settings are good for the user nobody; broker: Redis at localhost:6379"
            ])
        #expect(try await run("--check", "--check-user", "no-such").status == .exited(64))
        #expect(try await run("--check-user", "nobody").status == .exited(64))
    }

    @Test("a check warns of what the packaged unit hides, and of a wait that is too short for it")
    func checkService() async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.file("handlers.d"), withIntermediateDirectories: true)
        let main = try directory.write("[Broker]\nWait=3s\n", to: "jobqueued.conf")
        let file = try directory.write(
            "[Handler]\nType=work\nExec=/bin/true\nWorkingDirectory=/root/.\n",
            to: "handlers.d/work.conf")
        let (_, errors, status) = try await run(
            "--config", main, "--check", "--check-user", "root")
        #expect(status == .exited(geteuid() == 0 ? 0 : 64))
        guard geteuid() == 0 else { return }
        #expect(errors.count == 2)
        #expect(errors[0].hasPrefix("\(main):2: warning: Wait=3s counts as 7s under systemd"))
        #expect(
            errors[1].hasPrefix("\(file):4: warning: WorkingDirectory=: /root/. is below /root"))
    }

    @Test("a flag that looks like another's value, a repeated one and an unknown variable are told")
    func slips() async throws {
        let forgotten = try await run("--addr", "--check")
        #expect(forgotten.status == .exited(64))
        #expect(
            forgotten.errors == [
                "jobqueued: --addr needs a value, and --check looks like a flag; a value that begins so "
                    + "is written --addr=VALUE"
            ])
        let twice = try await run(
            "--check", "--lease", "2s", "--lease=3s", environment: ["JQ_CONCURENCY": "5"])
        #expect(twice.status == .exited(0))
        #expect(
            twice.errors == [
                "jobqueued: --lease: warning: it is given more than once; the last counts",
                "jobqueued: JQ_CONCURENCY: warning: there is no such setting; did you mean "
                    + "JQ_CONCURRENCY?",
            ])
    }

    @Test("a file of a handler whose name is no UTF-8 is told as that")
    func strangeName() async throws {
        let directory = try TemporaryDirectory()
        let shell = try ChildProcess(
            "/bin/bash",
            [
                "-c",
                "cd \(directory.path) && mkdir handlers.d && : > $'handlers.d/gr\\xfcn.conf' && : > m",
            ])
        #expect(try await shell.waitForEndOfOutput() == .exited(0))
        let (_, errors, status) = try await run("--config", directory.file("m"), "--check")
        #expect(status == .exited(78))
        #expect(
            errors == [
                "\(directory.file("handlers.d")): the name of the file $'gr\\xfcn.conf' is not UTF-8; "
                    + "rename it"
            ])
    }

    @Test("help and version are printed, and end with 0")
    func help() async throws {
        let help = try await run("--help")
        #expect(help.output.first == "Usage: jobqueued [FLAG…]")
        #expect(help.errors.isEmpty && help.status == .exited(0))
        let version = try await run("--version")
        #expect(version.output == ["jobqueued \(DaemonProgram.version)"])
        #expect(version.errors.isEmpty && version.status == .exited(0))
    }
}
