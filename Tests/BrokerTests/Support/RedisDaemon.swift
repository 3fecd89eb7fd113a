import EventLoop
import JobQueue
import Redis
import RedisBroker
import TestSupport

/// A broker on Redis that keeps its connections in a task of its own, and what it told of them.
final class RedisDaemon: Sendable {
    let broker: RedisBroker
    /// What the broker told of its connection, in order.
    let changes: Watched<[ConnectionChange]>
    private let task: Task<Void, Never>

    init(loop: EventLoop, options: RedisBrokerOptions) {
        let changes = Watched<[ConnectionChange]>([])
        var options = options
        options.changed = { change in changes.update { $0.append(change) } }
        let broker = RedisBroker(loop: loop, options: options)
        self.broker = broker
        self.changes = changes
        // `crash` waits for it, and every test ends with that.
        task = Task(executorPreference: loop) { await broker.run() }
    }

    /// Ends it as kill -9 would.
    func crash() async {
        task.cancel()
        await task.value
    }

    /// Awaits the connection that is the `number`th that was made.
    func waitUntilUp(_ number: Int = 1) async throws {
        try await waitForChange("connected \(number) times") { changes in
            changes.count { if case .up = $0 { true } else { false } } >= number
        }
    }

    /// Awaits that the server was found unfit; tells why.
    func waitUntilUnfit() async throws -> String {
        try await waitForChange("found its server unfit") { $0.contains { $0.unfitReason != nil } }
        return changes.value.compactMap(\.unfitReason).first ?? ""
    }

    private func waitForChange(
        _ what: String, _ condition: @escaping @Sendable ([ConnectionChange]) -> Bool
    ) async throws {
        guard await changes.wait(within: .seconds(10), until: condition) != nil else {
            throw TestSupportError("it never \(what): \(changes.value)")
        }
    }
}

extension ConnectionChange {
    var unfitReason: String? {
        if case .unfit(let reason, _) = self { reason } else { nil }
    }
}
