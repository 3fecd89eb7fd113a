import Foundation
import JobQueue
import TestSupport
import Testing

@testable import RedisBroker

@Suite("The Redis user of a daemon")
struct PermissionTests {
    /// A Redis of its own, because users and their rules belong to the server.
    private func withUser(
        _ body: @Sendable @concurrent (RedisUnderTest, RedisUser) async throws -> Void
    ) async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            let user = try RedisUser(stand)
            try user.set(DocumentedUser.rules(namespace: stand.namespace))
            try await body(stand, user)
        }
    }

    @Test("that the documentation describes can do all that the daemon does")
    func documented() async throws {
        try await withUser { stand, user in
            let daemon = try await stand.redisDaemon(address: user.address)
            #expect(
                daemon.changes.value == [
                    .up(warnings: daemon.changes.value.first?.persistence ?? [])
                ])
            try stand.push([Array(record(1).utf8)], to: .default)
            let claim = try await daemon.broker.claimOne()
            #expect(try await daemon.broker.finish([claim.finish(.deadLetter)]) == [true])
            #expect(
                try stand.redis("ACL", "LOG").elements.isEmpty, "it tries nothing that is refused")
        }
    }

    @Test("that lacks one command is told which, and how to add it", arguments: needed)
    func lacksCommand(command: String) async throws {
        try await withUser { stand, user in
            try user.set(["-\(command)"])
            let daemon = try await stand.redisDaemon(address: user.address, isReady: false)
            let reason = try await daemon.waitUntilUnfit()
            #expect(reason.contains("the commands \(command):"), "\(reason)")
            #expect(reason.contains("add +\(command) to its ACL SETUSER"), "\(reason)")
            let left = try stand.redis("KEYS", "\(stand.namespace):*").texts
            // What cannot be removed goes by itself.
            #expect(left.isEmpty || command == "del" && left.allSatisfy { $0.hasSuffix("-probe") })
        }
    }

    @Test("that lacks several is told all of them at once")
    func lacksSeveral() async throws {
        try await withUser { stand, user in
            try user.set(["-rpush", "-hset", "-zrem", "-sadd"])
            let daemon = try await stand.redisDaemon(address: user.address, isReady: false)
            let reason = try await daemon.waitUntilUnfit()
            #expect(reason.contains("add +hset +zrem +rpush +sadd to its ACL SETUSER"), "\(reason)")
        }
    }

    @Test("whose key patterns leave something out is told what")
    func lacksKeys() async throws {
        try await withUser { stand, user in
            try user.set(
                ["resetkeys"]
                    + ["queues", "worker:*", "{default}:pending"].map {
                        "~\(stand.namespace):\($0)"
                    })
            let daemon = try await stand.redisDaemon(address: user.address, isReady: false)
            let reason = try await daemon.waitUntilUnfit()
            #expect(reason.contains("for the keys \(stand.key("scheduled")), \(stand.key("dead"))"))
            #expect(!reason.contains(stand.key("pending")), "\(reason)")
            #expect(reason.contains("add ~\(stand.namespace):* to its ACL SETUSER"), "\(reason)")
        }
    }

    /// What the documentation asked for before LTRIM was needed.
    @Test("of an earlier version is enough, and what would be quicker is told")
    func earlier() async throws {
        try await withUser { stand, user in
            try user.set(["-ltrim"])
            let daemon = try await stand.redisDaemon(address: user.address)
            guard case .up(let warnings) = daemon.changes.value.first else { return }
            #expect(warnings.contains { $0.contains("add +ltrim to its ACL SETUSER") })
            try stand.push(records(1...40).map { Array($0.utf8) }, to: .default)
            #expect(try await numbers(daemon.broker.claimAll().map(\.envelope)) == Array(1...40))
            #expect(try stand.records(.pending, in: .default).isEmpty)
        }
    }

    @Test(
        "that loses a command while jobs are claimed loses none of them, and none runs three times")
    func losesCommand() async throws {
        try await withUser { stand, user in
            let daemon = try await stand.redisDaemon(address: user.address)
            try stand.push(records(1...5).map { Array($0.utf8) }, to: .default)
            // The copy is allowed, and the removal is not.
            try user.set(["-ltrim", "-lpop"])
            async let first = daemon.broker.claim(5, from: .default)
            let reason = try await daemon.waitUntilUnfit()
            #expect(reason.contains("add +lpop +ltrim to its ACL SETUSER"), "\(reason)")
            #expect(try stand.records(.active, in: .default).count == 5)

            try user.set(["+ltrim", "+lpop"])
            #expect(try await numbers(first.claims.map(\.envelope)) == Array(1...5))
            #expect(try await numbers(daemon.broker.claimAll().map(\.envelope)) == Array(1...5))
        }
    }

    @Test(
        "that loses a command while outcomes are written keeps each of them",
        arguments: [
            ("zadd", OutcomeKind.retry), ("zadd", .deadLetter), ("lpush", .release), ("hdel", .ack),
        ])
    func losesOutcome(command: String, outcome: OutcomeKind) async throws {
        try await withUser { stand, user in
            let daemon = try await stand.redisDaemon(address: user.address)
            try stand.push([Array(record(1).utf8)], to: .default)
            let claim = try await daemon.broker.claimOne()
            try user.set(["-\(command)"])
            async let written = daemon.broker.finish([claim.finish(outcome)])
            _ = try await daemon.waitUntilUnfit()
            #expect(try stand.records(.active, in: .default).count == 1)

            try user.set(["+\(command)"])
            #expect(try await written == [true])
            let stats = try await daemon.broker.stats(of: .default)
            #expect(stats.active == 0)
            #expect(stats.pending + stats.scheduled + stats.dead + Int(stats.totals.done) == 1)
        }
    }

    @Test("needs what the documentation says, and the broker uses nothing else")
    func documentedIsUsed() throws {
        // What may be added besides, and is done without where it is not.
        let used = try DocumentedUser.used().subtracting(["scan", "config"])
        #expect(used.subtracting(DocumentedUser.commands) == [], "used, and not documented")
        #expect(Set(DocumentedUser.commands).subtracting(used) == [], "documented, and not used")
        #expect(used.subtracting(DocumentedUser.ofConnection) == Set(Permissions.commands))
    }

    private static let needed = Permissions.commands.filter {
        !Permissions.replaceable.contains($0)
    }
}

extension ConnectionChange {
    /// What every server without persistence is warned of.
    fileprivate var persistence: [String] {
        guard case .up(let warnings) = self else { return [] }
        return warnings.filter { $0.contains("append-only file") }
    }
}

/// A user of a test's own.
private struct RedisUser: Sendable {
    let address: String
    private let connection: RESPConnection

    init(_ stand: RedisUnderTest) throws {
        address = "redis://jobs:secret@\(stand.server.address)"
        connection = try stand.server.connect()
    }

    func set(_ rules: [String]) throws {
        try connection.command(["ACL", "SETUSER", "jobs", "on", ">secret"] + rules)
    }
}

/// The user of docs/redis-layout.md.
private enum DocumentedUser {
    static let ofConnection: Set = ["ping", "select", "info"]
    private static let root = #filePath.components(separatedBy: "/Tests/")[0]

    private static let words: [String] = {
        let page =
            (try? String(contentsOfFile: root + "/docs/redis-layout.md", encoding: .utf8)) ?? ""
        let line = page.components(separatedBy: "ACL SETUSER jobqueued ").dropFirst().first ?? ""
        return (line.components(separatedBy: "\n\n").first ?? "")
            .split { $0.isWhitespace || $0 == "\\" }.map(String.init)
    }()

    static var commands: [String] {
        words.filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) }
    }

    static func rules(namespace: String) -> [String] {
        words.filter { $0 != "on" && !$0.hasPrefix(">") }
            .map { $0 == "~jq:*" ? "~\(namespace):*" : $0 }
    }

    /// The commands that scripts and sources name.
    static func used() throws -> Set<String> {
        var commands = ofConnection.union(["script|load", "eval", "evalsha"])
        let folder = root + "/Sources/RedisBroker"
        for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
            guard name.hasSuffix(".swift") || name.hasSuffix(".lua") else { continue }
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            for match in text.matches(
                of: /(?:redis\.p?call\('|RedisCommand\(\s*(?:words: \[)?")([A-Z]+)/)
            {
                commands.insert(match.1.lowercased())
            }
        }
        return commands
    }
}
