import EventLoop
import Glibc
import TestSupport
import Testing

@Suite("Signals as events")
struct SignalSourceTests {
    @Test("a blocked signal arrives as an event, each time, until the watch is dropped")
    func arrives() async throws {
        try await withEventLoop { loop in
            let watcher = Watcher(loop: loop)
            // A signal whose default is to be ignored, so that nothing happens when it is missed.
            await watcher.block(SIGURG, SIG_BLOCK)
            try await watcher.watch(SIGURG)
            await watcher.raise(SIGURG)
            #expect(await watcher.count.wait(within: .seconds(10)) { $0 == 1 } != nil)
            await watcher.raise(SIGURG)
            #expect(await watcher.count.wait(within: .seconds(10)) { $0 == 2 } != nil)
            await watcher.drop()
            await watcher.raise(SIGURG)
            try await loop.sleep(for: .milliseconds(1))
            #expect(watcher.count.value == 2)
        }
    }

    @Test("a signal that is not blocked cannot be watched")
    func notBlocked() async throws {
        try await withEventLoop { loop in
            let watcher = Watcher(loop: loop)
            await watcher.block(SIGWINCH, SIG_UNBLOCK)
            await #expect(
                throws: EventLoopError.addSource(kind: "signal \(SIGWINCH)", errno: EBUSY)
            ) { try await watcher.watch(SIGWINCH) }
        }
    }
}

/// Owns the watch of a signal on the loop. The signal is blocked in, and sent to, the loop's thread
/// alone: the other threads of the test process are not ours.
private actor Watcher {
    private let loop: EventLoop
    private var source: SignalSource?
    let count = Watched(0)

    init(loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    func block(_ signal: Int32, _ how: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(how, &set, nil)
    }

    func watch(_ signal: Int32) throws {
        source = try SignalSource(loop: loop, signal: signal) { [count] in
            count.update { $0 += 1 }
        }
    }

    func raise(_ signal: Int32) { pthread_kill(pthread_self(), signal) }

    func drop() { source = nil }
}
