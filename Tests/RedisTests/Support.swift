import EventLoop
import Redis
import TestSupport

/// Runs `body` on a loop, with the Redis that all tests share.
func withSharedRedis(
    _ body: @Sendable @concurrent (EventLoop, RedisServer) async throws -> Void
) async throws {
    let server = try await SharedRedis.server
    try await withEventLoop { loop in try await body(loop, server) }
}

extension RedisClient.Options {
    /// Numeric addresses, and hardly a wait between tries.
    init(_ address: String) throws {
        self.init(
            address: try RedisAddress(parsing: address), resolve: { [$0] }, random: { 0.01 })
    }
}

/// A client that runs in a task of its own, and what it told.
final class RunningClient: Sendable {
    let client: RedisClient
    let connects = Watched(0)
    let failures = Watched<[String]>([])
    private let task: Task<Void, Never>

    init(
        loop: EventLoop, options: RedisClient.Options,
        prepare: @escaping @Sendable (RedisConnection) async throws -> Void = { _ in }
    ) {
        let client = RedisClient(loop: loop, options: options)
        self.client = client
        // `stop` waits for it, and every test ends with that.
        task = Task(executorPreference: loop) { [connects, failures] in
            await client.run(prepare: prepare) { change in
                switch change {
                case .connected: connects.update { $0 += 1 }
                case .disconnected(let error):
                    failures.update { $0.append(String(describing: error)) }
                }
            }
        }
    }

    func stop() async {
        task.cancel()
        await task.value
    }

    func waitUntilConnected(times: Int = 1) async throws {
        guard await connects.wait(within: .seconds(10), until: { $0 >= times }) != nil else {
            throw TestSupportError("it did not connect \(times) times: \(failures.value)")
        }
    }

    /// What the first failure was.
    func waitUntilFailed() async throws -> String {
        guard let first = await failures.wait(within: .seconds(10), until: { !$0.isEmpty })?.first
        else { throw TestSupportError("it did not fail") }
        return first
    }
}

/// Runs `body` with a client, and stops it.
func withClient(
    loop: EventLoop, _ options: RedisClient.Options,
    prepare: @escaping @Sendable (RedisConnection) async throws -> Void = { _ in },
    _ body: (RunningClient) async throws -> Void
) async throws {
    let running = RunningClient(loop: loop, options: options, prepare: prepare)
    do {
        try await body(running)
    } catch {
        await running.stop()
        throw error
    }
    await running.stop()
}

/// Something that is no Redis.
final class OddServer: Sendable {
    private struct Answering: Conversation {
        let greeting: [UInt8]
        let answer: [UInt8]

        func receive(_ bytes: [UInt8]) -> Answer { (answer, ends: false) }
    }

    let address: String
    private let directory: TemporaryDirectory
    private let server: AnsweringServer

    /// - Parameters:
    ///   - greeting: what each client gets at once.
    ///   - answer: what it gets whenever it sends something.
    init(greeting: String = "", answering answer: String = "") throws {
        directory = try TemporaryDirectory()
        address = "unix:\(directory.file("s"))"
        server = try AnsweringServer(path: directory.file("s")) {
            Answering(greeting: Array(greeting.utf8), answer: Array(answer.utf8))
        }
    }
}
