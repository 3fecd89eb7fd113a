import EventLoop
import Redis
import TestSupport
import Testing

@Suite("A connection to Redis")
struct RedisConnectionTests {
    private func connect(_ loop: EventLoop, _ address: String) async throws -> RedisConnection {
        try await RedisConnection(loop: loop, address: RedisAddress(parsing: address))
    }

    @Test("a thousand callers at once each get their own answer")
    func thousand() async throws {
        try await withSharedRedis { loop, server in
            let connection = try await connect(loop, server.address)
            try await withThrowingTaskGroup(of: (Int, RedisReply).self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        (number, try await connection.send(RedisCommand("ECHO", "\(number)")))
                    }
                }
                for try await (number, reply) in group {
                    #expect(reply == .bytes(Array("\(number)".utf8)))
                }
            }
            await connection.close()
        }
    }

    @Test("callers that are not on the loop are served as well")
    func elsewhere() async throws {
        let server = try await SharedRedis.server
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        let connection = try await connect(loop, server.address)
        #expect(try await connection.send(RedisCommand("ECHO", "x")) == .bytes([120]))
        await connection.close()
    }

    @Test(
        "a caller that is not on the loop is told when the connection ends just as it sends, or waits"
    )
    func endsMeanwhile() async throws {
        let server = try await SharedRedis.server
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        for _ in 0..<200 {
            let connection = try await connect(loop, server.address)
            await withTaskGroup { group in
                for number in 0..<6 {
                    group.addTask {
                        switch number {
                        case 2: await connection.close()
                        case 3: _ = await connection.waitForEnd()
                        default: _ = await connection.send([RedisCommand("PING")])
                        }
                    }
                }
            }
        }
    }

    @Test("each kind of answer comes as it is")
    func kinds() async throws {
        try await withSharedRedis { loop, server in
            let connection = try await connect(loop, server.address)
            let script =
                "return {7, 'x', redis.status_reply('OK'), {}, {false, 1}, redis.error_reply('NO way')}"
            let results = await connection.send([
                RedisCommand("PING"), RedisCommand("GET", "there is no such key"),
                RedisCommand("NONSENSE"), RedisCommand("EVAL", script, "0"),
                RedisCommand("ECHO", ""),
            ])
            #expect(try results[0].get() == .status("PONG"))
            #expect(try results[1].get() == .null)
            let error = #expect(throws: RedisError.self) { try results[2].get() }
            #expect(error?.serverCode == "ERR")
            #expect(
                try results[3].get()
                    == .array([
                        .integer(7), .bytes([120]), .status("OK"), .array([]),
                        .array([.null, .integer(1)]), .error(code: "NO", message: "NO way"),
                    ]))
            #expect(try results[4].get() == .bytes([]))
            await connection.close()
        }
    }

    @Test("an answer of many megabytes comes whole")
    func large() async throws {
        try await withSharedRedis { loop, server in
            let connection = try await connect(loop, server.address)
            let bytes = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            var command = RedisCommand(wordCount: 2)
            command.append("ECHO")
            command.append(bytes)
            #expect(try await connection.send(command) == .bytes(bytes))
            await connection.close()
        }
    }

    @Test(
        "an answer that nobody asked for ends the connection, and whoever asked has an answer",
        arguments: ["+PONG\r\n+PONG\r\n", "+PONG\r\n:", "+PONG\r\n\r\n", "+PONG\r\n*-1\r\n"])
    func unasked(answer: String) async throws {
        try await withEventLoop { loop in
            let server = try OddServer(answering: answer)
            let connection = try await connect(loop, server.address)
            #expect(try await connection.send(RedisCommand("PING")) == .status("PONG"))
            let reason = await connection.waitForEnd()
            #expect(reason == "an answer came that nobody had asked for")
        }
    }

    @Test("a server that speaks first is taken at its word once, and then ended")
    func speaksFirst() async throws {
        try await withEventLoop { loop in
            let server = try OddServer(greeting: "+hello\r\n", answering: "+PONG\r\n")
            let connection = try await connect(loop, server.address)
            #expect(try await connection.send(RedisCommand("PING")) == .status("hello"))
            #expect(
                await connection.waitForEnd() == "an answer came that nobody had asked for")
        }
    }

    @Test("no commands are no work")
    func none() async throws {
        try await withSharedRedis { loop, server in
            let connection = try await connect(loop, server.address)
            let results = await connection.send([])
            #expect(results.isEmpty)
            await connection.close()
        }
    }

    @Test("closing fails all that wait for an answer, and all that comes later")
    func close() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            let connection = try await connect(loop, proxy.address)
            proxy.set(.replies, .drop)
            let waiting = Watched(0)
            await withTaskGroup(of: Result<RedisReply, RedisError>.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        waiting.update { $0 += 1 }
                        return await connection.send([RedisCommand("PING")])[0]
                    }
                }
                _ = await waiting.wait(within: .seconds(10)) { $0 == 50 }
                // Behind them all in the connection's order.
                await connection.close(reason: "enough")
                for await result in group {
                    let lost = RedisError.connectionLost(address: proxy.address, reason: "enough")
                    #expect(result == .failure(lost))
                }
            }
            #expect(await connection.isClosed)
            #expect(await connection.waitForEnd() == "enough")
            let late = await connection.send([RedisCommand("PING"), RedisCommand("PING")])
            let never = RedisError.unreachable(address: proxy.address, reason: "enough")
            #expect(late == [.failure(never), .failure(never)])
            // Once more does no harm.
            await connection.close(reason: "again")
        }
    }

    @Test(
        "whoever waits for its end hears of it",
        // Of silence nobody hears who awaits no answer.
        arguments: FaultProxy.Ending.allCases.filter { $0 != .silence })
    func end(ending: FaultProxy.Ending) async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            let connection = try await connect(loop, proxy.address)
            _ = try await connection.send(RedisCommand("PING"))
            async let reason = connection.waitForEnd()
            proxy.end(ending)
            #expect(await !reason.isEmpty)
            #expect(await connection.isClosed)
        }
    }

    @Test("without an answer in time the connection is given up")
    func timeout() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            let connection = try await connect(loop, proxy.address)
            // A longer limit before a shorter one does not put the shorter one off.
            _ = try await connection.send(RedisCommand("PING"), timeout: .seconds(3600))
            proxy.set(.replies, .stall)
            let lost = RedisError.connectionLost(
                address: proxy.address, reason: "no answer in time")
            await #expect(throws: lost) {
                _ = try await connection.send(RedisCommand("PING"), timeout: .milliseconds(20))
            }
            #expect(await connection.isClosed)
        }
    }

    @Test("an answer that came in time keeps the connection, however many follow")
    func noTimeout() async throws {
        try await withSharedRedis { loop, server in
            let connection = try await connect(loop, server.address)
            for _ in 0..<20 {
                _ = try await connection.send(RedisCommand("PING"), timeout: .seconds(5))
                try await loop.sleep(for: .milliseconds(1))
            }
            #expect(await !connection.isClosed)
            await connection.close()
        }
    }

    @Test("a server that is not there is told with its address and the system's reason")
    func refused() async throws {
        try await withEventLoop { loop in
            let port = try freePort()
            let connection = try await connect(loop, "127.0.0.1:\(port)")
            let error = await #expect(throws: RedisError.self) {
                _ = try await connection.send(RedisCommand("PING"))
            }
            #expect(error?.description.contains("127.0.0.1:\(port)") == true)
            #expect(error?.description.contains("refused") == true)
        }
    }

    @Test("what does not speak Redis's protocol is not taken for it")
    func garbage() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            let connection = try await connect(loop, proxy.address)
            proxy.set(.replies, .replace("+PONG", by: "HTTP/"))
            let error = await #expect(throws: RedisError.self) {
                _ = try await connection.send(RedisCommand("PING"))
            }
            #expect(error?.wasSent == true)
            #expect(await connection.isClosed)
        }
    }

    @Test(
        "scripts run by their digests, and by their texts when Redis forgot them, each with its own answer"
    )
    func scripts() async throws {
        let server = try await RedisServer()
        try await withEventLoop { loop in
            let connection = try await connect(loop, server.address)
            let scripts = (0..<5).map {
                RedisScript(name: "s\($0)", source: Array("return '\($0)' .. ARGV[1]".utf8))
            }
            func run() async -> [RedisReply?] {
                let requests = scripts.enumerated().flatMap { index, script in
                    [
                        RedisRequest.script(ScriptCall(script, keys: [], arguments: ["a"])),
                        .command(RedisCommand("ECHO", "\(index)")),
                    ]
                }
                // A failure shows as a missing answer.
                return await connection.perform(requests).map { try? $0.get() }
            }
            let expected: [RedisReply?] = (0..<5).flatMap {
                [.bytes(Array("\($0)a".utf8)), .bytes(Array("\($0)".utf8))]
            }
            // Not loaded, loaded, forgotten, half forgotten.
            #expect(await run() == expected)
            try await connection.load(scripts)
            #expect(await run() == expected)
            try server.command(["SCRIPT", "FLUSH"])
            #expect(await run() == expected)
            try server.command(["SCRIPT", "FLUSH"])
            try server.command(["SCRIPT", "LOAD", "return '3' .. ARGV[1]"])
            #expect(await run() == expected)
            await connection.close()
        }
        try await server.stop()
    }

    @Test("an error that a script raises is its own answer's alone")
    func scriptErrors() async throws {
        try await withSharedRedis { loop, server in
            let connection = try await connect(loop, server.address)
            let good = RedisScript(name: "good", source: Array("return 1".utf8))
            let bad = RedisScript(
                name: "bad", source: Array("return redis.error_reply('LEASELOST gone')".utf8))
            try await connection.load([good, bad])
            let calls = [good, bad, good].map { ScriptCall($0, keys: []) }
            let results = await connection.run(calls)
            #expect(try results[0].get() == .integer(1))
            #expect(results[1] == .failure(.server(code: "LEASELOST", message: "LEASELOST gone")))
            #expect(try results[2].get() == .integer(1))
            await connection.close()
        }
    }
}
