import Foundation
import TestSupport
import Testing

@Suite("I6 An error text without end")
struct I6ErrorTextTests {
    @Test("of 10 MB that a terminal would obey, 4 KiB are kept, escaped wherever they are shown")
    func tenMegabytes() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try queue.push(
            BareQueue.job("t-1", #"{"fail_size":10000000}"#, more: #""max_attempts":1"#))
        try await daemon.child.line(containing: "job is dead")
        await eventually(equals: 1) { try queue.total("dead") }

        let kept = try #require(try queue.dead.first?["last_error"] as? String)
        #expect((4000...4096).contains(kept.utf8.count))
        let line = try #require(daemon.log.first { $0.contains("job is dead") })
        // A line's limit, each character in it escaped, and the job's fields.
        #expect(line.utf8.count < 3 * 4096 + 512)
        let table = try await daemon.done("dead")
        #expect(table.count == 2)
        let shown = try await daemon.done("dead", "show", "t-1")
        #expect(shown.contains { $0.contains("owned") })
        let json = try await daemon.done("--json", "dead")
        for text in daemon.log + table + shown + json {
            #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }
}
