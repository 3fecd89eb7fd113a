import TestSupport
import Testing

@Suite("I4 Names that are none")
struct I4NamesTests {
    private static let names = [
        "", String(repeating: "a", count: 1024), "{}", "{a}", "a b", " ", "a\nb", "..", "../a",
        "a/b", "a}:pending", "аdmin", "ａ", "é", "\u{212A}", "a\u{200B}", "-", "😀",
    ]

    @Test("no such type, queue or id is taken in, and no such queue is paused; no key is made")
    func control() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        let before = try redis.command(["KEYS", "*"]).texts.sorted()
        let socket = try BareControlClient(of: daemon)
        for name in Self.names {
            for field in ["type", "queue", "id", "unique_key"] {
                // An id may be a hyphen, and a unique key almost anything.
                if field == "id", name == "-" { continue }
                if field == "unique_key", !["", "a\nb", Self.names[1]].contains(name) { continue }
                let order = ["type": "test:job"].merging([field: name]) { $1 }
                let reply = try socket.call("Enqueue", order)
                #expect(reply["error"] != nil, "\(field) '\(name.prefix(20))' is taken")
            }
            let reply = try socket.call("Pause", ["queues": [name]])
            #expect(reply["error"] != nil, "'\(name.prefix(20))' is paused")
        }
        #expect(try redis.command(["KEYS", "*"]).texts.sorted() == before)
    }

    @Test("bare envelopes with such names are dead; a good one runs where it is, whatever it says")
    func bareEnvelopes() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        var count = 0
        for name in Self.names where name != "-" {
            let text = name.replacing("\n", with: "\\n")
            for envelope in [
                #"{"type":"\#(text)"}"#, #"{"type":"test:job","id":"\#(text)"}"#,
                #"{"type":"test:job","queue":"\#(text)"}"#,
            ] {
                try queue.push(envelope)
                count += 1
            }
        }
        try queue.push(#"{"type":"test:job","id":"good","queue":"elsewhere"}"#)
        await eventually(equals: count) { try queue.total("dead") }
        await eventually(equals: ["good"]) { effects.ended }
        let reasons = try queue.dead.compactMap { $0["last_error"] as? String }
        #expect(reasons.count { $0.hasPrefix("bad ") } == count)
        let keys = try redis.command(["KEYS", "*"]).texts
        let ours = ["jq:{default}:", "jq:worker:", "jq:queues"]
        #expect(keys.allSatisfy { key in ours.contains { key.hasPrefix($0) } })
        #expect(try daemon.get("/healthz").status == 200)
    }

    @Test(
        "a queue or namespace with such a name is refused at the start",
        arguments: ["{a}", "..", "A", "a b c{", "é"])
    func settings(name: String) async throws {
        for flag in name == "A" ? ["--queues"] : ["--queues", "--namespace"] {
            let daemon = try ChildProcess(product: "jobqueued", [flag, name])
            #expect(try await daemon.waitForEndOfOutput() == .exited(78))
            #expect(daemon.standardError.count == 1)
        }
    }
}
