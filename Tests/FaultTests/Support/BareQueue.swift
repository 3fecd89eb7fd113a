import Foundation
import TestSupport

/// A queue as any Redis client sees it, with no code of the project.
struct BareQueue {
    let redis: RedisServer
    let name: String

    init(_ redis: RedisServer, _ name: String = "default") {
        self.redis = redis
        self.name = name
    }

    func key(_ part: String) -> String { "jq:{\(name)}:\(part)" }

    // MARK: - Producing

    /// A job for the tests' daemon.
    ///
    /// - Parameter more: further fields of the envelope, such as `"timeout_ms":500`.
    static func job(_ id: String, _ payload: String = "null", more: String = "") -> String {
        #"{"type":"test:job","id":"\#(id)","payload":\#(payload)\#(more.isEmpty ? "" : ","+more)}"#
    }

    /// Puts envelopes, or whatever it is, into pending.
    func push(_ envelopes: String...) throws { try push(envelopes.map { Array($0.utf8) }) }

    func push(_ envelopes: [[UInt8]]) throws {
        let words = ["RPUSH", key("pending")].map { Array($0.utf8) }
        try redis.command(bytes: words + envelopes)
    }

    /// Puts one into scheduled. `score` is Unix milliseconds, as Redis reads numbers.
    func schedule(_ envelope: [UInt8], at score: String) throws {
        try redis.command(
            bytes: ["ZADD", key("scheduled"), score].map { Array($0.utf8) } + [envelope])
    }

    // MARK: - Looking

    var pending: [String] {
        get throws { try redis.command(["LRANGE", key("pending"), "0", "-1"]).texts }
    }

    var scheduledCount: Int {
        get throws { try redis.command(["ZCARD", key("scheduled")]).integer ?? 0 }
    }

    /// The records of dead jobs, the first that died first.
    var dead: [[String: Any]] {
        get throws {
            try redis.command(["ZRANGE", key("dead"), "0", "-1"]).texts.map { Self.fields(of: $0) }
        }
    }

    /// Jobs in workers' hands.
    var activeCount: Int {
        get throws {
            try redis.command(["KEYS", key("active:*")]).texts.reduce(0) { count, key in
                let fields = try redis.command(["HKEYS", key]).texts
                return count + fields.count { $0 != "epoch" }
            }
        }
    }

    /// One of the counters `done`, `dead`, `retried`, `recovered`.
    func total(_ counter: String) throws -> Int {
        try redis.command(["HGET", key("totals"), counter]).integer ?? 0
    }

    /// Workers that are registered, with the ends of their leases, Unix milliseconds.
    var leases: [String: Int] {
        get throws {
            let words = try redis.command(["ZRANGE", key("workers"), "0", "-1", "WITHSCORES"]).texts
            return Dictionary(
                uniqueKeysWithValues: stride(from: 0, to: words.count - 1, by: 2).map {
                    (words[$0], Int(words[$0 + 1]) ?? 0)
                })
        }
    }

    /// A record's fields.
    static func fields(of record: String) -> [String: Any] {
        let object = try? JSONSerialization.jsonObject(with: Data(record.utf8))
        return object as? [String: Any] ?? [:]
    }
}

extension RedisServer {
    /// Unix milliseconds by Redis's clock.
    var milliseconds: Int {
        get throws {
            let time = try command(["TIME"]).texts.compactMap { Int($0) }
            guard time.count == 2 else { throw TestSupportError("TIME gave \(time)") }
            return time[0] * 1000 + time[1] / 1000
        }
    }

    /// How often Redis has run a command, by clients and by scripts.
    func calls(of command: String) throws -> Int {
        let lines = try self.command(["INFO", "commandstats"]).text ?? ""
        let name = "cmdstat_\(command):calls="
        guard let line = lines.split(separator: "\r\n").first(where: { $0.hasPrefix(name) }),
            let number = line.dropFirst(name.count).split(separator: ",").first
        else { return 0 }
        return Int(number) ?? 0
    }
}
