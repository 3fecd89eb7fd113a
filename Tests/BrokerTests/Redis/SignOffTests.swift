import TestSupport
import Testing

@Suite("A Redis worker that signs off")
struct SignOffTests {
    @Test("is not known to operators any more, though a heartbeat was under way")
    func besideHeartbeat() async throws {
        try await withRedis { stand in
            for _ in 0..<30 {
                let broker = try await stand.redisDaemon().broker
                async let heartbeat: Void = broker.heartbeat()
                try await broker.retire()
                // Whether it was in time or finds the lease gone is the same here.
                try? await heartbeat
            }
            #expect(try stand.redis("KEYS", "\(stand.namespace):worker:*").texts.isEmpty)
        }
    }
}
