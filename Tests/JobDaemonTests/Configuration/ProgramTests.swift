import Foundation
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
