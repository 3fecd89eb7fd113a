import Glibc
import TestSupport
import Testing

@Suite("F21 Nobody takes the log's lines")
struct F21LogTests {
    private static let jobs = 10_000

    @Test("stderr is a pipe that nobody reads: jobs run on, and lines that are dropped are counted")
    func fullPipe() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s", "--log-level", "debug"])
        let worker = try queue.leases.keys.first
        daemon.child.pauseReading(.standardError)
        try Self.flood(queue)
        await eventually(equals: Self.jobs) { try queue.total("done") }
        await eventually { try daemon.metric("jobqueue_log_lines_dropped_total") ?? 0 > 0 }
        #expect(try daemon.get("/healthz").status == 200)
        try await daemon.done("stats")
        #expect(try queue.leases.keys.first == worker, "it has kept its lease")

        daemon.child.resumeReading(.standardError)
        // The line that tells how many are missing stands before the next one that fits.
        var number = 0
        await eventually("lines come again") {
            number += 1
            try queue.push(BareQueue.job("next-\(number)"))
            return daemon.log.contains { $0.contains("job=next") }
        }
        await eventually("it is told how many are missing") {
            try daemon.metric("jobqueue_log_lines_dropped_total") == Self.dropped(in: daemon.log)
        }
        let dropped = Self.dropped(in: daemon.log)
        let shown = Double(daemon.log.count { $0.contains("job done") })
        #expect(shown + dropped >= Double(Self.jobs), "every line was shown or counted")
    }

    @Test(
        "journald has stopped: jobs run on, the lines are counted, and a drain ends in time",
        .enabled(if: PrivateJournal.isPossible))
    func stoppedJournal() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let journal = try JournalSocket()
        let notify = try NotifySocket()
        let daemon = try DaemonProcess(
            "jobqueued-testd", address: redis.address, ["--lease", "1s", "--log-level", "debug"],
            environment: notify.environment, launcher: journal.launcher)
        try await notify.message(containing: "READY=1")
        var entries: [[String: String]] = []
        await eventually("its log goes to the journal") {
            entries += journal.takeEntries()
            return entries.contains { $0["MESSAGE"]?.contains("ready:") == true }
        }
        #expect(daemon.log.isEmpty)
        let text = entries.compactMap { $0["MESSAGE"] }.first { $0.contains("serving http://") }
        let port = try #require(
            text?.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) })

        try Self.flood(queue)
        await eventually(equals: Self.jobs) { try queue.total("done") }
        await eventually {
            let page = try RawClient(port: port).get("/metrics").body
            let count = page.firstMatch(of: /\njobqueue_log_lines_dropped_total (\d+)/)
            return count.flatMap { Int($0.1) } ?? 0 > 0
        }
        #expect(try RawClient(port: port).get("/healthz").status == 200)
        try await daemon.done("stats")
        #expect(try await daemon.drain(within: .seconds(20)) == .exited(0))
        #expect(try queue.leases.isEmpty)
    }

    /// How many lines are missing, as the log itself says.
    private static func dropped(in log: [String]) -> Double {
        log.reduce(0) { sum, line in
            let told = line.firstMatch(of: /WARNING (\d+) lines of the log were dropped/)
            return sum + (told.flatMap { Double($0.1) } ?? 0)
        }
    }

    /// Many jobs, each of which writes a line.
    private static func flood(_ queue: BareQueue) throws {
        for start in stride(from: 0, to: jobs, by: 500) {
            try queue.push((start..<start + 500).map { Array(BareQueue.job("t-\($0)").utf8) })
        }
    }
}
