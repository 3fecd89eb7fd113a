import TestSupport
import Testing

@Suite("F9 the network fails at any message of one job's life")
struct F9CutLifeTests {
    @Test(
        "no job is lost or ends twice, no answer is taken for another's, nothing is left behind",
        arguments: Life.Kind.allCases)
    func anywhere(in kind: Life.Kind) async throws {
        let redis = try await RedisServer()
        try await withEventLoop { loop in
            try await Lives(kind: kind, redis: redis, loop: loop).playAll()
        }
    }
}
