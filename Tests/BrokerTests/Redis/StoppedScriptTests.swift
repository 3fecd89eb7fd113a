import Foundation
import TestSupport
import Testing

/// The scripts of producers and operators, refused by Redis at each of their writes in turn, as Redis 6.2 does
/// when its disk fails, and every version when its user lacks a command.
@Suite("A script that is stopped between two writes")
struct StoppedScriptTests {
    /// A queue of its own, past the broker.
    private final class Queue {
        let raw: RESPConnection
        private let prefix: String

        init() async throws {
            raw = try await SharedRedis.server.connect()
            prefix = "test\(try raw.command(["INCR", "namespaces"]).integer ?? 0):{default}:"
        }

        func key(_ name: String) -> String { prefix + name }
        @discardableResult
        func redis(_ words: String...) throws -> RESPValue { try raw.command(words) }
        func exists(_ name: String) throws -> Bool { try redis("EXISTS", key(name)).integer == 1 }
        func text(_ name: String) throws -> String? { try redis("GET", key(name)).text }

        /// How many records lie in all containers.
        func jobs() throws -> Int {
            try (redis("LLEN", key("pending")).integer ?? 0)
                + ["scheduled", "dead"].reduce(0) {
                    try $0 + (redis("ZCARD", key($1)).integer ?? 0)
                }
        }

        /// - Parameter writes: the script is stopped when it has written as often; `nil`: it is not.
        func run(
            _ script: String, stoppedAfter writes: Int?, keys: [String], _ arguments: [String]
        ) throws -> RESPValue {
            let source = try String(
                contentsOfFile: #filePath.components(separatedBy: "Tests/BrokerTests")[0]
                    + "Sources/RedisBroker/Scripts/\(script).lua", encoding: .utf8)
            let stop = """
                local server, left = redis, \(writes ?? 1000)
                local writes = { SET = 1, DEL = 1, RPUSH = 1, ZADD = 1, ZREM = 1, LREM = 1, HSET = 1, HDEL = 1,
                    PEXPIRE = 1 }
                local redis = { pcall = server.pcall, error_reply = server.error_reply }
                function redis.call(command, ...)
                    if writes[command] then
                        if left == 0 then error('MISCONF stopped') end
                        left = left - 1
                    end
                    return server.call(command, ...)
                end

                """
            let words = ["EVAL", stop + source, String(keys.count)] + keys.map(key) + arguments
            return try raw.pipeline(bytes: [words.map { Array($0.utf8) }])[0]
        }
    }

    /// Runs `body` with a fresh queue for a script that is stopped after 0, 1, … writes, until it is not.
    private func withStops(
        _ body: (_ queue: Queue, _ writes: Int) throws -> Bool
    ) async throws {
        for writes in 0..<20 {
            let queue = try await Queue()
            if try body(queue, writes) {
                #expect(writes > 1)
                return
            }
        }
        Issue.record("it never came to its end")
    }

    private func isError(_ reply: RESPValue) -> Bool {
        if case .error = reply { true } else { false }
    }

    private static let enqueueKeys = [
        "pending", "scheduled", "enqueued:a", "unique:k", "ended:a",
    ]

    @Test(
        "leaves no id that is known and no key that is held without a job, and the enqueue can be sent again",
        arguments: [["now", "0"], ["after", "60000"], ["at", "4000000000000"]])
    func enqueue(start: [String]) async throws {
        try await withStops { queue, writes in
            let arguments =
                [#"{"type":"t","id":"a","unique_key":"k"}"#, "a", "60000"] + start + ["5"]
            func send(_ writes: Int?) throws -> RESPValue {
                try queue.run(
                    "enqueue", stoppedAfter: writes, keys: Self.enqueueKeys, arguments)
            }
            let isThrough = try !isError(send(writes))
            let jobs = try queue.jobs()
            if jobs == 0 {
                #expect(try !queue.exists("enqueued:a") && !queue.exists("unique:k"), "\(writes)")
            }
            _ = try send(nil)
            #expect(try (1...2).contains(queue.jobs()), "\(writes)")
            #expect(try queue.exists("enqueued:a") && queue.text("unique:k") == "a", "\(writes)")
            return isThrough
        }
    }

    @Test("takes no line for imported without its job")
    func imports() async throws {
        for (container, moment) in [("pending", ""), ("scheduled", "4000000000000"), ("dead", "1")]
        {
            try await withStops { queue, writes in
                func send(_ writes: Int?) throws -> RESPValue {
                    try queue.run(
                        "import", stoppedAfter: writes,
                        keys: [container, "imported:l", "enqueued:a", "ended:a", "unique:k"],
                        [#"{"type":"t","id":"a","unique_key":"k"}"#, "1", "60000", moment, "a"])
                }
                let isThrough = try !isError(send(writes))
                if try queue.jobs() == 0 {
                    #expect(
                        try !queue.exists("imported:l") && !queue.exists("enqueued:a")
                            && !queue.exists("unique:k"), "\(writes)")
                }
                _ = try send(nil)
                #expect(try (1...2).contains(queue.jobs()), "\(writes)")
                #expect(try queue.text("unique:k") == "a", "\(writes)")
                return isThrough
            }
        }
    }

    @Test("holds no key for a job that was deleted")
    func delete() async throws {
        for container in ["pending", "scheduled", "dead"] {
            try await withStops { queue, writes in
                if container == "pending" {
                    try queue.redis("RPUSH", queue.key(container), "{}")
                } else {
                    try queue.redis("ZADD", queue.key(container), "1", "{}")
                }
                try queue.redis("SET", queue.key("unique:k"), "a")
                try queue.redis("SET", queue.key("enqueued:a"), "1")
                try queue.redis("HSET", queue.key("imported:l"), "1", "1")
                func send(_ writes: Int?) throws -> RESPValue {
                    try queue.run(
                        "delete", stoppedAfter: writes,
                        keys: [container, "imported:l", "enqueued:a", "unique:k"], ["{}", "a"])
                }
                let isThrough = try !isError(send(writes))
                if try queue.jobs() == 0 { #expect(try !queue.exists("unique:k"), "\(writes)") }
                if isThrough {
                    #expect(try queue.jobs() == 0)
                    #expect(try !queue.exists("enqueued:a") && !queue.exists("imported:l"))
                }
                _ = try send(nil)
                #expect(try queue.jobs() == 0 && !queue.exists("unique:k"), "\(writes)")
                return isThrough
            }
        }
    }

    @Test("loses no job that is requeued")
    func requeue() async throws {
        try await withStops { queue, writes in
            try queue.redis("ZADD", queue.key("dead"), "1", #"{"attempts":1}"#)
            try queue.redis("SET", queue.key("ended:a"), "x")
            func send(_ writes: Int?) throws -> RESPValue {
                try queue.run(
                    "requeue", stoppedAfter: writes,
                    keys: ["dead", "pending", "ended:a", "unique:k"],
                    [#"{"attempts":1}"#, #"{"attempts":0}"#, "a"])
            }
            let isThrough = try !isError(send(writes))
            #expect(try (1...2).contains(queue.jobs()), "\(writes)")
            if try queue.redis("LLEN", queue.key("pending")).integer == 0 {
                #expect(try !queue.exists("unique:k"), "\(writes)")
            }
            _ = try send(nil)
            #expect(try (1...2).contains(queue.redis("LLEN", queue.key("pending")).integer ?? 0))
            #expect(try queue.redis("ZCARD", queue.key("dead")).integer == 0)
            #expect(try queue.text("unique:k") == "a" && !queue.exists("ended:a"))
            return isThrough
        }
    }

    @Test(
        "an argument that cannot be read is an error, and nothing is written",
        arguments: [
            ["{}", "a", "60000", "after", "10m"], ["{}", "a", "60000", "after", "nan"],
            ["{}", "a", "60000", "after", "inf"], ["{}", "a", "60000", "after", ""],
            ["{}", "a", "60000", "after"], ["{}", "a", "60000", "at", "0x10"],
            ["{}", "a", "60000", "at", "1796000000000000"], ["{}", "a", "60000", "soon", "1"],
            ["{}", "a", "60000"], ["{}", "a", "-1", "now", "0"], ["{}", "a", "1d", "now", "0"],
            ["{}", "a", "nan", "now", "0"], ["{}", "a", "99999999999999999999", "now", "0"],
            ["{}", "a:b", "60000", "now", "0"], ["{}", "", "60000", "now", "0"],
            ["", "a", "0", "now"],
            ["{}", "a", "60000", "now", "0", "6"], ["{}", "a", "60000", "now", "0", "x"], ["{}"],
            [],
        ])
    func arguments(words: [String]) async throws {
        let queue = try await Queue()
        let reply = try queue.run("enqueue", stoppedAfter: nil, keys: Self.enqueueKeys, words)
        #expect(isError(reply), "\(reply)")
        #expect(try queue.jobs() == 0)
        #expect(try !queue.exists("unique:k") && !queue.exists("enqueued:a"))
        let few = try queue.run("enqueue", stoppedAfter: nil, keys: ["pending"], words)
        #expect(isError(few), "\(few)")
    }

    @Test("the answer is the one that producers know, with a third element where nothing was added")
    func answers() async throws {
        let queue = try await Queue()
        func enqueue(_ id: String, _ more: String...) throws -> [String] {
            try queue.run(
                "enqueue", stoppedAfter: nil,
                keys: ["pending", "scheduled", "enqueued:\(id)", "unique:k"],
                ["{\"id\":\"\(id)\"}", id, "60000"] + more
            ).elements.map { $0.integer.map { "\($0)" } ?? $0.text ?? "" }
        }
        // As it was called before ended:<id> could be given; delays that are past are over.
        #expect(try enqueue("a", "now", "0") == ["1", "a"])
        #expect(try enqueue("a", "after", "-5") == ["1", "a", "1"])
        #expect(try enqueue("b", "now") == ["0", "a"])
        try queue.redis("DEL", queue.key("unique:k"))
        #expect(try enqueue("b", "after", "-5") == ["1", "b"])
        try queue.redis("DEL", queue.key("unique:k"))
        #expect(try enqueue("c", "at", "1795518227568.75") == ["1", "c"])
        let times = try queue.redis("ZRANGE", queue.key("scheduled"), "0", "-1", "WITHSCORES")
            .elements
        #expect(times.contains { $0.integer == 1_795_518_227_569 })
        #expect(try queue.jobs() == 3)
    }
}
