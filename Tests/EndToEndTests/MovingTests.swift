import Foundation
import TestSupport
import Testing

@Suite("Moving a whole queue from a file to Redis, and back")
struct MovingTests {
    /// A daemon without handlers, which claims from `doomed` alone: all that goes there dies.
    private func daemon(_ address: String) async throws -> DaemonProcess {
        try await DaemonProcess.ready(address: address, ["--queues", "default,doomed"])
    }

    /// Runs `jobqueuectl` with files as its input and output; it must succeed.
    private func run(
        _ daemon: DaemonProcess, _ command: String, from input: String = "/dev/null",
        to output: String = "/dev/null"
    ) async throws -> [String] {
        let tool = try ChildProcess(
            "/bin/sh",
            [
                "-c", #"exec "$0" --socket "$1" $2 < "$3" > "$4""#,
                "\(ChildProcess.productsDirectory)/jobqueuectl",
                daemon.directory.file("control.sock"), command, input, output,
            ])
        let status = try await tool.waitForEndOfOutput(within: .seconds(300))
        try #require(status == .exited(0), "\(command): \(tool.standardError)")
        return tool.standardError
    }

    private func lines(_ path: String) throws -> [Substring] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    }

    /// How many jobs are in each state.
    private func counts(_ daemon: DaemonProcess) throws -> [Double?] {
        try ["pending", "scheduled", "active", "dead"].flatMap { state in
            try ["default", "doomed"].map { queue in
                try daemon.metric(#"jobqueue_jobs{queue="\#(queue)",state="\#(state)"}"#)
            }
        }
    }

    /// 100 000 jobs: 60 000 pending ones that have two attempts behind them, 35 000 scheduled, 5000 dead.
    private func fill(_ daemon: DaemonProcess, in directory: TemporaryDirectory) async throws {
        try await daemon.done("enqueue", "--queue", "doomed", "--type", "none", "--count", "5000")
        await eventually("they die", within: .seconds(120)) {
            try daemon.metric(#"jobqueue_jobs{queue="doomed",state="dead"}"#) == 5000
        }
        try await daemon.done("pause", "default", "doomed")
        let jobs = (1...95_000).map { number in
            let record =
                #"{\"type\":\"test:job\",\"id\":\"j\#(number)\",\"payload\":{\"n\": \#(number), \"text\":\"ä\\u00e4\"},\"attempts\":2}"#
            return number > 60_000
                ? #"{"id":"j\#(number)","queue":"default","state":"scheduled","time_ms":\#(4_000_000_000_000 + number * 7),"record":"\#(record)"}"#
                : #"{"id":"j\#(number)","queue":"default","state":"pending","record":"\#(record)"}"#
        }
        let file = directory.file("first")
        try jobs.joined(separator: "\n").write(toFile: file, atomically: false, encoding: .utf8)
        _ = try await run(daemon, "import", from: file)
    }

    @Test("100 000 jobs arrive both ways, each byte of them, in order; done again, nothing changes")
    func bothWays() async throws {
        let directory = try TemporaryDirectory()
        let redis = try await RedisServer(transport: .socket)
        let first = try await daemon("sqlite:\(directory.file("first.db"))")
        try await fill(first, in: directory)
        let told = try await run(first, "export", to: directory.file("one"))
        #expect(told == ["exported 100000 jobs; 0 were active and were left out"])
        let jobs = try lines(directory.file("one"))
        #expect(jobs.count == 100_000)

        let middle = try await daemon(redis.address)
        try await middle.done("pause", "default", "doomed")
        _ = try await run(middle, "import", from: directory.file("one"))
        await eventually(equals: try counts(first)) { try counts(middle) }
        // As if it had been cut short.
        _ = try await run(
            middle, "import", from: directory.file("one"), to: directory.file("again"))
        #expect(
            try lines(directory.file("again")) == ["imported 0 jobs; 100000 were there already"])
        _ = try await run(middle, "export", to: directory.file("two"))
        let moved = try lines(directory.file("two"))
        #expect(Set(moved) == Set(jobs) && moved.count == jobs.count)

        let last = try await daemon("sqlite:\(directory.file("last.db"))")
        try await last.done("pause", "default", "doomed")
        _ = try await run(last, "import \(directory.file("two"))")
        _ = try await run(last, "export", to: directory.file("three"))
        let back = try lines(directory.file("three"))
        #expect(Set(back) == Set(jobs) && back.count == jobs.count)
        let pending = #""state":"pending""#
        #expect(back.filter { $0.contains(pending) } == jobs.filter { $0.contains(pending) })
        await eventually(equals: try counts(first)) { try counts(last) }
        for daemon in [first, middle, last] { try await daemon.drain() }
    }
}
