import EventLoop
import JobDaemon
import JobQueue
import RedisBroker

/// What all measurements share.
struct Bench: Sendable {
    let loop: EventLoop
    let clock: LoopClock
    let scratch: Scratch
    let scale: Scale
    let redis: RedisServer
    let limit: LimitProgram

    /// First part of every key.
    let namespace = "bench"
    /// The names of the queue that is measured.
    var keys: QueueKeys { Keys(namespace: namespace).of(.default) }
    /// Jobs that are not there yet: the list is renamed when the measurement starts.
    var heldBack: String { "\(keys.pending):held-back" }
    /// The hash in which the limit keeps what it has popped.
    var limitActive: String { keys.active("limit") }

    /// Measures on `redis`, which `end` stops.
    init(loop: EventLoop, redis: RedisServer, scratch: Scratch, scale: Scale) {
        self.loop = loop
        self.redis = redis
        self.scratch = scratch
        self.scale = scale
        clock = LoopClock(loop: loop)
        limit = LimitProgram(socket: redis.socket, scratch: scratch)
    }

    /// Measures on a Redis of its own.
    init(
        loop: EventLoop, scratch: Scratch, scale: Scale, durability: RedisServer.Durability = .none
    ) async throws {
        self.init(
            loop: loop,
            redis: try await RedisServer(starting: durability, scratch: scratch, loop: loop),
            scratch: scratch, scale: scale)
    }

    func end() async { await redis.stop() }

    /// The same on another Redis, which lives as long as `body`.
    func withRedis(
        _ durability: RedisServer.Durability, _ body: (Bench) async throws -> Void
    ) async throws {
        let other = try await Bench(
            loop: loop, scratch: scratch, scale: scale, durability: durability)
        do {
            try await body(other)
        } catch {
            await other.end()
            throw error
        }
        await other.end()
    }
}

/// How much is measured.
struct Scale: Sendable {
    /// A figure is the median of so many.
    let repetitions: Int
    private let divisor: Int

    /// For figures to rely on.
    static let full = Scale(repetitions: 3, divisor: 1)
    /// Only shows that every measurement works.
    static let quick = Scale(repetitions: 1, divisor: 100)

    /// The number of jobs or samples to take where `full` are wanted.
    func count(_ full: Int) -> Int { max(full / divisor, min(full, 20)) }

    /// The time to spend where `full` is wanted.
    func time(_ full: Duration) -> Duration { full / divisor }
}
