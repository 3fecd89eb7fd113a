import EventLoop
import JobDaemon
import JobQueue
import Redis
import RedisBroker
import Synchronization

/// The measurements, each on a namespace of its own.
struct Bench: Sendable {
    let loop: EventLoop
    let address: RedisAddress
    private let clock: LoopClock

    init(loop: EventLoop, address: RedisAddress) {
        self.loop = loop
        self.address = address
        clock = LoopClock(loop: loop)
    }

    /// Returns when Redis answers.
    func waitForRedis() async throws {
        let client = RedisClient(
            loop: loop,
            options: .init(address: address, resolve: { $0 }, random: { RandomSource.system.share })
        )
        await withTaskGroup { group in
            group.addTask { await client.run() }
            _ = try? await client.connection()
            group.cancelAll()
        }
    }

    /// Jobs per second for `jobs` no-op jobs that are there when the worker starts.
    func drain(jobs: Int, slots: Int) async throws -> Double {
        let names = Keys(namespace: "drain").of(.default)
        let connection = try await RedisConnection(loop: loop, address: address)
        _ = try await connection.send(RedisCommand("FLUSHALL"))
        for start in stride(from: 0, to: jobs, by: 1000) {
            let envelopes = (start..<min(start + 1000, jobs)).map {
                #"{"type":"bench:noop","id":"job-\#($0)","payload":{"user_id":\#($0),"a":"text"}}"#
            }
            _ = try await connection.send(
                RedisCommand(words: ["RPUSH", names.pending] + envelopes))
        }
        let count = Countdown(jobs, clock: clock)
        var registry = HandlerRegistry()
        registry.register("bench:noop") { _, _ in count.step() }
        let started = clock.now
        try await work(namespace: "drain", slots: slots, registry) { await count.bell.wait() }
        let took = count.ended.withLock { $0 }.since(started)
        await connection.close()
        return Double(jobs) / took.inSeconds
    }

    /// From a bare RPUSH on an idle queue to the start of the handler.
    func idleLatency(samples: Int) async throws -> [Duration] {
        let names = Keys(namespace: "idle").of(.default)
        let connection = try await RedisConnection(loop: loop, address: address)
        let started = Mutex(MonotonicTime.never)
        let bell = Bell()
        let clock = clock
        var registry = HandlerRegistry()
        registry.register("bench:idle") { _, _ in
            started.withLock { $0 = clock.now }
            bell.ring()
        }
        var waits: [Duration] = []
        try await work(namespace: "idle", slots: 10, registry) {
            for sample in 0..<samples {
                // The worker has to be waiting again.
                try await clock.sleep(for: .milliseconds(sample == 0 ? 200 : 2))
                let sent = clock.now
                _ = try await connection.send(
                    RedisCommand("RPUSH", names.pending, #"{"type":"bench:idle"}"#))
                await bell.wait()
                waits.append(started.withLock { $0 }.since(sent))
            }
        }
        await connection.close()
        return waits
    }

    /// Runs a worker while `body` runs, then drains it.
    private func work(
        namespace: String, slots: Int, _ registry: HandlerRegistry,
        _ body: () async throws -> Void
    ) async throws {
        var options = RedisBrokerOptions(address: address, clock: clock, resolve: { $0 })
        options.namespace = namespace
        options.worker = .init(queues: [.default], lease: .seconds(15))
        let broker = RedisBroker(loop: loop, options: options)
        let worker = Worker(
            broker: broker, registry: registry,
            options: WorkerOptions(slots: slots, schedule: QueueSchedule(strict: [.default])),
            clock: clock, random: .system, recorder: NoRecorder(), log: NoLog())
        let failure: (any Error)? = await withTaskGroup { group in
            group.addTask { await broker.run() }
            let working = Task(executorPreference: loop) { await worker.run() }
            defer { group.cancelAll() }
            do {
                try await body()
            } catch {
                worker.drain()
                await working.value
                return error
            }
            worker.drain()
            await working.value
            return nil
        }
        if let failure { throw failure }
    }
}

/// Counts down and rings at zero.
private final class Countdown: Sendable {
    let bell = Bell()
    let ended = Mutex(MonotonicTime.never)
    private let left: Atomic<Int>
    private let clock: LoopClock

    init(_ count: Int, clock: LoopClock) {
        left = Atomic(count)
        self.clock = clock
    }

    func step() {
        guard left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        ended.withLock { $0 = clock.now }
        bell.ring()
    }
}

private struct NoRecorder: JobEventRecorder {
    func record(_ events: [JobEvent]) {}
    func recovered(_ recovery: Recovery) {}
}

private struct NoLog: LogSink {
    let level = LogLevel.error
    func write(_ record: LogRecord) {}
}
