import Foundation
import TestSupport
import Testing

@Suite("I1 Garbage in a queue")
struct I1GarbageTests {
    /// What is no job, each by what is wrong with it.
    private static let garbage: [[UInt8]] =
        [
            "", "garbage", "[]", "1", "null", "1e400", #""text""#, #"{"type":"test:job""#,
            #"{"type":"test:job","payl"#, #"{"type":"test:job"}x"#, "{}", #"{"payload":1}"#,
            #"{"type":"test:job","type":"test:job"}"#, #"{"type":"test:job","id":"a","id":"b"}"#,
            #"{"type":"test:job","attempts":1e400}"#, #"{"type":"test:job","payload":NaN}"#,
            #"{"type":"test:job","payload":"\ud800"}"#, #"{"type":"\udc00"}"#,
            "\u{FEFF}{\"type\":\"test:job\"}", "{\"type\":\"test:job\",\"payload\":\"\0\"}",
            String(repeating: "[", count: 10_000),
            #"{"type":"test:job","payload":"# + String(repeating: "[", count: 10_000),
            String(repeating: "lorem ipsum ", count: 90_000),
        ].map { Array($0.utf8) } + [
            [0, 1, 2, 0xFF, 0xFE, 10, 13], [UInt8](repeating: 0, count: 1000),
            Array(#"{"type":"test:job","payload":"M"#.utf8) + [0xFC] + Array(#"nchen"}"#.utf8),
        ]

    @Test(
        "pending and scheduled: each piece is dead with the reason and its bytes, the queue goes on"
    )
    func everyKind() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        for piece in Self.garbage {
            try queue.push([piece])
            try queue.schedule(piece, at: "1")
        }
        try queue.push(BareQueue.job("good"))
        await eventually(equals: ["good"]) { effects.ended }
        await eventually(equals: 2 * Self.garbage.count) { try queue.total("dead") }

        let dead = try queue.dead
        let kept = dead.compactMap { $0["raw"] as? String }.compactMap { Data(base64Encoded: $0) }
        let put = (Self.garbage + Self.garbage).map { Data($0) }
        #expect(kept.sorted(by: Self.isBefore) == put.sorted(by: Self.isBefore))
        #expect(dead.allSatisfy { ($0["last_error"] as? String)?.isEmpty == false })
        #expect(try queue.activeCount == 0)
        #expect(try daemon.get("/healthz").status == 200)
    }

    @Test("an operator sees it without harm, and can put it back or delete it")
    func operators() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try queue.push(Self.garbage)
        await eventually(equals: Self.garbage.count) { try queue.total("dead") }
        let list = try await daemon.done("dead")
        #expect(list.count == Self.garbage.count + 1)
        let text = (list + daemon.log).joined()
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
        for record in try queue.dead.prefix(6) {
            let id = try #require(record["id"] as? String)
            #expect(try await daemon.done("dead", "show", id).count > 1)
        }
        // It is no better at the second time.
        try await daemon.done("requeue", "--all")
        await eventually(equals: 2 * Self.garbage.count) { try queue.total("dead") }
        try await daemon.done("delete", "--all")
        #expect(try queue.dead.isEmpty)
    }

    private static func isBefore(_ one: Data, _ other: Data) -> Bool {
        one.lexicographicallyPrecedes(other)
    }
}
