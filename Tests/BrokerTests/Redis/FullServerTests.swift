import JobQueue
import TestSupport
import Testing

@Suite("A Redis at maxmemory")
struct FullServerTests {
    @Test("is drained by a daemon that connects while it is full")
    func drained() async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            try stand.push([Array(record(1).utf8)], to: .default)
            try stand.redis("CONFIG", "SET", "maxmemory", "1")
            let broker = try await stand.redisDaemon().broker
            let claim = try await broker.claimOne()
            #expect(try await broker.finish([claim.finish(.ack)]) == [true])
            #expect(try stand.records(.active, in: .default).isEmpty)
        }
    }

    @Test("makes the worker's queues known as soon as there is room")
    func announcedLater() async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            try stand.redis("CONFIG", "SET", "maxmemory", "1")
            let daemon = try await stand.redisDaemon()
            try stand.redis("CONFIG", "SET", "maxmemory", "0")
            _ = try await daemon.broker.enqueue([job()])
            #expect(try stand.redis("SMEMBERS", "\(stand.namespace):queues").texts == ["default"])
        }
    }

    @Test("refuses callers at the same time, each of them, and keeps none of their jobs")
    func refused() async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            let producer = try await stand.client()
            // So that the queue is known.
            _ = try await producer.enqueue([job(0)])
            try stand.redis("CONFIG", "SET", "maxmemory", "1")
            let refusals = await withTaskGroup(of: Bool.self) { callers in
                for number in 1...50 {
                    callers.addTask {
                        do {
                            _ = try await producer.enqueue([job(number)])
                            return false
                        } catch BrokerError.refused {
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await callers.reduce(into: 0) { count, isRefused in
                    if isRefused { count += 1 }
                }
            }
            #expect(refusals == 50)
            #expect(try stand.records(.pending, in: .default).count == 1)
        }
    }
}
