import JobQueue
import LinuxSystem
import Synchronization

/// Where a program's handlers in Swift come from.
enum HandlerSource: Sendable {
    case ready(HandlerRegistry)
    /// A set-up of the site's own, which may wait: for a pool of connections, say.
    case madeBy(@Sendable () async throws -> HandlerRegistry)

    /// Whether the program has handlers of a site's, which may start children by themselves.
    var areOfSite: Bool {
        switch self {
        case .ready(let handlers): !handlers.isEmpty
        case .madeBy: true
        }
    }

    /// Begins to make them, where handlers run.
    func start() -> Making {
        switch self {
        case .ready(let handlers): return Making(handlers)
        case .madeBy(let make):
            let making = Making(nil)
            // `Making` tells its end.
            making.task.withLock {
                $0 = Task(executorPreference: globalConcurrentExecutor) {
                    do {
                        making.end(.success(try await make()))
                    } catch {
                        making.end(.failure(error))
                    }
                }
            }
            return making
        }
    }

    /// Makes them while this thread waits, for a process without an event loop.
    func wait() throws -> HandlerRegistry {
        if case .ready(let handlers) = self { return handlers }
        let wakeUp = try WakeUp()
        let making = start()
        // The set-up's own task ends first, as it rings the bell.
        Task(executorPreference: globalConcurrentExecutor) {
            await making.bell.wait()
            wakeUp.signal()
        }
        while true {
            if let result = making.result { return try result.get() }
            _ = wakeUp.wait(within: nil)
        }
    }

    /// Handlers that are being made.
    final class Making: Sendable {
        /// Rings when they are made, or cannot be.
        let bell = Bell()
        fileprivate let task = Mutex<Task<Void, Never>?>(nil)
        private let made: Mutex<Result<HandlerRegistry, any Error>?>

        fileprivate init(_ handlers: HandlerRegistry?) {
            made = Mutex(handlers.map { .success($0) })
        }

        /// `nil`: not yet.
        var result: Result<HandlerRegistry, any Error>? { made.withLock { $0 } }

        func cancel() { task.withLock { $0?.cancel() } }

        fileprivate func end(_ result: Result<HandlerRegistry, any Error>) {
            made.withLock { $0 = result }
            bell.ring()
        }
    }
}

extension HandlerRegistry {
    /// Begins what the site has registered for the end, the last first, where handlers run.
    ///
    /// - Returns: rings when all of it is over.
    func startShutdown() -> Bell {
        let bell = Bell()
        let hooks = shutdownHooks
        Task(executorPreference: globalConcurrentExecutor) {
            for hook in hooks.reversed() { await hook() }
            bell.ring()
        }
        return bell
    }
}
