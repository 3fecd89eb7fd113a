import EventLoop
import Redis
import TestSupport
import Testing

@Suite("A client that connects anew")
struct RedisClientTests {
    @Test("the connection is given to all who wait for it")
    func waiters() async throws {
        try await withSharedRedis { loop, server in
            let client = RedisClient(loop: loop, options: try .init(server.address))
            try await withThrowingTaskGroup(of: RedisReply.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await client.connection().send(RedisCommand("ECHO", "\(number)"))
                    }
                }
                let running = Task(executorPreference: loop) { await client.run() }
                var replies = Set<String>()
                for try await reply in group { replies.insert(try reply.asText()) }
                #expect(replies.count == 20)
                running.cancel()
                await running.value
            }
        }
    }

    @Test("who asks for the present connection before there is one is told so")
    func notConnected() async throws {
        try await withEventLoop { loop in
            let client = RedisClient(loop: loop, options: try .init("127.0.0.1:1"))
            let error = await #expect(throws: RedisError.self) {
                _ = try await client.connectionNow()
            }
            #expect(error?.wasSent == false)
            #expect(error?.description.contains("127.0.0.1:1") == true)
        }
    }

    @Test("who waits for a connection can be cancelled, before and while waiting")
    func cancellation() async throws {
        try await withEventLoop { loop in
            let client = RedisClient(loop: loop, options: try .init("127.0.0.1:1"))
            for delay in [nil, Duration.milliseconds(2)] {
                let waiting = Task(executorPreference: loop) { _ = try await client.connection() }
                if let delay { try await loop.sleep(for: delay) }
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
            }
        }
    }

    @Test("when the client is stopped, who waits and who comes later is let go")
    func stopped() async throws {
        try await withEventLoop { loop in
            let running = RunningClient(loop: loop, options: try .init("127.0.0.1:\(freePort())"))
            let waiting = Task(executorPreference: loop) {
                _ = try await running.client.connection()
            }
            _ = try await running.waitUntilFailed()
            await running.stop()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            await #expect(throws: CancellationError.self) {
                _ = try await running.client.connection()
            }
        }
    }

    @Test("it does not try without permission, which is asked for each time")
    func permission() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            let client = RedisClient(loop: loop, options: try .init(proxy.address))
            let asked = Watched(0)
            let permitted = Watched(0)
            let running = Task(executorPreference: loop) {
                await client.run(permission: {
                    let number = asked.update { asked in
                        asked += 1
                        return asked
                    }
                    _ = await permitted.wait(within: .seconds(30), until: { $0 >= number })
                })
            }
            for number in 1...3 {
                _ = await asked.wait(within: .seconds(30), until: { $0 == number })
                #expect(proxy.traffic.arrivals == number - 1)
                permitted.update { $0 = number }
                _ = try await client.connection()
                proxy.end()
            }
            permitted.update { $0 = .max }
            running.cancel()
            await running.value
        }
    }

    @Test("a lost connection is told, and another is made and prepared")
    func reconnect() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            let prepared = Watched(0)
            try await withClient(
                loop: loop, .init(proxy.address), prepare: { _ in prepared.update { $0 += 1 } }
            ) { running in
                for number in 1...10 {
                    try await running.waitUntilConnected(times: number)
                    let reply = try await running.client.connection().send(RedisCommand("PING"))
                    #expect(reply == .status("PONG"))
                    proxy.end(number.isMultiple(of: 2) ? .close : .reset)
                }
                #expect(prepared.value >= 10)
                #expect(running.failures.value.allSatisfy { $0.contains("lost the connection") })
            }
        }
    }

    @Test("who sent something when the connection was lost is never given that connection again")
    func neverTheLostOne() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            try await withClient(loop: loop, .init(proxy.address)) { running in
                let connection = try await running.client.connection()
                proxy.set(.replies, .drop)
                async let result = connection.send([RedisCommand("PING")])[0]
                try await proxy.wait { $0.replyBytes > "+PONG\r\n".utf8.count }
                proxy.heal()
                proxy.end()
                #expect(await result.isLost)
                let next = try await running.client.connection()
                #expect(next !== connection)
                #expect(try await next.send(RedisCommand("PING")) == .status("PONG"))
            }
        }
    }

    @Test("as long as there is no server it tries again, and says why")
    func noServer() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            proxy.refuseClients()
            try await withClient(loop: loop, .init(proxy.address)) { running in
                #expect(await running.failures.wait(within: .seconds(10)) { $0.count >= 3 } != nil)
                #expect(running.connects.value == 0)
                proxy.heal()
                try await running.waitUntilConnected()
            }
        }
    }

    @Test(
        "a server that accepts and never answers is given up, and the client can be stopped meanwhile"
    )
    func silentServer() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            proxy.set(.replies, .drop)
            var options = try RedisClient.Options(proxy.address)
            options.connectTimeout = .milliseconds(20)
            try await withClient(loop: loop, options) { running in
                let failure = try await running.waitUntilFailed()
                #expect(failure.contains("no answer in time"))
            }
            // Stopped long before its time is over: the suite's time limit would tell.
            options.connectTimeout = .seconds(3600)
            let before = proxy.traffic.requestBytes
            let running = RunningClient(loop: loop, options: options)
            try await proxy.wait { $0.requestBytes > before }
            await running.stop()
        }
    }

    @Test("a connection that cannot be prepared is closed, and another is tried")
    func prepareFails() async throws {
        struct NotYet: Error {}
        try await withSharedRedis { loop, server in
            let tries = Watched<[RedisConnection]>([])
            try await withClient(
                loop: loop, .init(server.address),
                prepare: { connection in
                    let count = tries.update {
                        $0.append(connection)
                        return $0.count
                    }
                    if count < 3 { throw NotYet() }
                }
            ) { running in
                try await running.waitUntilConnected()
                #expect(tries.value.count == 3)
                #expect(running.failures.value.count == 2)
                for connection in tries.value.prefix(2) { #expect(await connection.isClosed) }
            }
        }
    }

    @Test("each connection logs in with user and password and chooses the database")
    func logIn() async throws {
        let server = try await RedisServer(password: "s3cret: @/")
        try server.command(["ACL", "SETUSER", "bob", "on", ">b%b", "~*", "+@all"])
        try server.pipeline([["SELECT", "3"], ["SET", "where", "three"]])
        try await withEventLoop { loop in
            let port = try #require(server.port)
            for login in [":s3cret%3A%20%40%2F", "default:s3cret: @/", "bob:b%25b"] {
                let address = "redis://\(login)@127.0.0.1:\(port)/3"
                try await withClient(loop: loop, .init(address)) { running in
                    for number in 1...3 {
                        try await running.waitUntilConnected(times: number)
                        let reply = try await running.client.connection()
                            .send(RedisCommand("GET", "where"))
                        #expect(reply == .bytes(Array("three".utf8)))
                        try server.command(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
                    }
                }
            }
        }
        try await server.stop()
    }

    @Test("a refused login is told without the password")
    func refusedLogIn() async throws {
        let server = try await RedisServer(password: "right")
        try await withEventLoop { loop in
            let port = try #require(server.port)
            for (login, code) in [
                (":hunter2@", "WRONGPASS"), ("bob:hunter2@", "WRONGPASS"), ("", "NOAUTH"),
            ] {
                try await withClient(loop: loop, .init("redis://\(login)127.0.0.1:\(port)")) {
                    running in
                    let failure = try await running.waitUntilFailed()
                    #expect(failure.contains(code))
                    #expect(!failure.contains("hunter2"))
                }
            }
            try await withClient(loop: loop, .init("redis://:right@127.0.0.1:\(port)/99")) {
                running in
                let failure = try await running.waitUntilFailed()
                #expect(failure.contains("DB index is out of range"))
            }
        }
        try await server.stop()
    }

    @Test("a Unix socket is as good as a port")
    func unixSocket() async throws {
        let server = try await RedisServer(transport: .socket)
        try await withEventLoop { loop in
            try await withClient(loop: loop, .init(server.address)) { running in
                let reply = try await running.client.connection().send(RedisCommand("PING"))
                #expect(reply == .status("PONG"))
            }
            try await withClient(loop: loop, .init("unix:/nonexistent/redis.sock")) { running in
                let failure = try await running.waitUntilFailed()
                #expect(failure.contains("unix:/nonexistent/redis.sock"))
            }
        }
        try await server.stop()
    }

    @Test("a host's name is resolved for each connection, and a failure to do so is told")
    func resolve() async throws {
        struct NoSuchHost: Error {}
        try await withSharedRedis { loop, server in
            let port = try #require(server.port)
            let asked = Watched<[String]>([])
            let options = RedisClient.Options(
                address: try RedisAddress(parsing: "broker.example:\(port)"),
                resolve: { host in
                    let count = asked.update {
                        $0.append(host)
                        return $0.count
                    }
                    if count == 1 { throw NoSuchHost() }
                    return ["127.0.0.1"]
                }, random: { 0 })
            try await withClient(loop: loop, options) { running in
                try await running.waitUntilConnected()
                #expect(running.failures.value.count == 1)
                #expect(asked.value == ["broker.example", "broker.example"])
            }
        }
    }

    @Test("all addresses of a name are tried, and the one that works is kept")
    func addresses() async throws {
        try await withSharedRedis { loop, server in
            let port = try #require(server.port)
            // Nobody listens on the first two.
            let hosts = ["::1", "127.0.0.9", "127.0.0.1"]
            let options = RedisClient.Options(
                address: try RedisAddress(parsing: "broker.example:\(port)"),
                resolve: { _ in hosts }, random: { 0 })
            try await withClient(loop: loop, options) { running in
                for number in 1...3 {
                    try await running.waitUntilConnected(times: number)
                    let connection = try await running.client.connection()
                    #expect(connection.address.place == .tcp(host: "127.0.0.1", port: UInt16(port)))
                    await connection.close()
                }
                #expect(running.failures.value.allSatisfy { !$0.contains("127.0.0.9") })
            }
        }
    }

    @Test("an address that is silent leaves time for the others")
    func silentAddress() async throws {
        try await withSharedRedis { loop, server in
            let port = try #require(server.port)
            var options = RedisClient.Options(
                address: try RedisAddress(parsing: "broker.example:\(port)"),
                // TEST-NET-1: packets to it are answered by nobody, or refused by the network.
                resolve: { _ in ["192.0.2.1", "127.0.0.1"] }, random: { 0 })
            options.connectTimeout = .seconds(2)
            try await withClient(loop: loop, options) { running in
                try await running.waitUntilConnected()
                #expect(running.failures.value.isEmpty)
            }
        }
    }

    @Test("when no address works, the error names each with its reason")
    func noAddress() async throws {
        try await withEventLoop { loop in
            let port = try freePort()
            let options = RedisClient.Options(
                address: try RedisAddress(parsing: "broker.example:\(port)"),
                resolve: { _ in ["127.0.0.9", "127.0.0.1"] }, random: { 0 })
            try await withClient(loop: loop, options) { running in
                let failure = try await running.waitUntilFailed()
                #expect(failure.contains("broker.example:\(port)"))
                for host in ["127.0.0.9", "127.0.0.1"] {
                    #expect(failure.contains("\(host): Connection refused"), "\(failure)")
                }
            }
        }
    }

    @Test("an address whose server is not fit leads to the next one, and its refusal is told")
    func unfitAddress() async throws {
        struct Replica: Error {}
        try await withSharedRedis { loop, server in
            let port = try #require(server.port)
            let options = RedisClient.Options(
                address: try RedisAddress(parsing: "broker.example:\(port)"),
                resolve: { _ in ["127.0.0.9", "127.0.0.1"] }, random: { 0 })
            let tries = Watched(0)
            try await withClient(
                loop: loop, options,
                prepare: { _ in
                    let count = tries.update {
                        $0 += 1
                        return $0
                    }
                    if count == 1 { throw Replica() }
                }
            ) { running in
                try await running.waitUntilConnected()
                #expect(running.failures.value.count == 1)
                #expect(running.failures.value.first?.contains("Replica") == true)
            }
        }
    }

    @Test("a name server that is away does no harm to who knows the addresses")
    func nameServerAway() async throws {
        struct NoNameServer: Error {}
        try await withSharedRedis { loop, server in
            let port = try #require(server.port)
            let asked = Watched(0)
            let options = RedisClient.Options(
                address: try RedisAddress(parsing: "broker.example:\(port)"),
                resolve: { _ in
                    let count = asked.update {
                        $0 += 1
                        return $0
                    }
                    if count > 1 { throw NoNameServer() }
                    return ["127.0.0.1"]
                }, random: { 0 })
            try await withClient(loop: loop, options) { running in
                try await running.waitUntilConnected()
                await (try await running.client.connection()).close()
                try await running.waitUntilConnected(times: 2)
                #expect(asked.value == 2)
            }
        }
    }

    @Test("no answer is ever taken for another's, however connections end")
    func ownAnswers() async throws {
        try await withSharedRedis { loop, server in
            let proxy = try FaultProxy(to: server.socketAddress)
            let isOver = Watched(false)
            try await withClient(loop: loop, .init(proxy.address)) { running in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for caller in 0..<8 {
                        group.addTask {
                            var answered = 0
                            while !isOver.value {
                                let word = "\(caller)-\(answered)"
                                let connection = try await running.client.connection()
                                let result = await connection.send(
                                    [RedisCommand("ECHO", word)], timeout: .milliseconds(20))[0]
                                guard case .success(let reply) = result else { continue }
                                #expect(reply == .bytes(Array(word.utf8)))
                                answered += 1
                            }
                            return answered
                        }
                    }
                    for round in 0..<18 {
                        switch round % 3 {
                        case 0: proxy.set(.replies, .delay(.milliseconds(30)))
                        case 1: proxy.set(.replies, .cut(after: round))
                        default: proxy.set(.requests, .cut(after: round * 5))
                        }
                        let before = proxy.traffic
                        try await proxy.wait { $0.connections > before.connections }
                        proxy.heal()
                        let healed = proxy.traffic
                        try await proxy.wait { $0.replyBytes > healed.replyBytes + 1000 }
                    }
                    isOver.update { $0 = true }
                    for try await answered in group { #expect(answered > 0) }
                }
            }
        }
    }
}

extension Result where Failure == RedisError {
    fileprivate var isLost: Bool {
        if case .failure(let error) = self { error.wasSent } else { false }
    }
}
