import EventLoop
import LinuxSystem

/// Looks whether sessions still have processes that run. However many ask, `/proc` is read once for all of
/// them, at most every 20 ms, and for a fifth of the time. Lives on the loop.
actor SessionWatch {
    private typealias Waiter = CheckedContinuation<Bool, Never>

    private let loop: EventLoop
    private let thread: ProcessThread
    private var waiters: [(leader: Int32, continuation: Waiter)] = []
    private var timer: TimerSource?
    private var isLooking = false
    /// Since the machine was booted.
    private var nextLook = Duration.zero

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop, thread: ProcessThread) {
        self.loop = loop
        self.thread = thread
    }

    /// Answers at the next look, which is soon. A leader that has ended does not count. Goes on in a task
    /// that is cancelled, as those are that stop a child.
    func isAlive(_ leader: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            waiters.append((leader, continuation))
            lookSoon()
        }
    }

    private func lookSoon() {
        guard timer == nil, !isLooking, !waiters.isEmpty else { return }
        let wait = nextLook - SystemClock.sinceBoot()
        guard wait > .zero else { return beginLook() }
        do {
            timer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.beginLook() }
            }
            try timer?.set(after: wait)
        } catch {
            // Without a timer (out of memory) there is no pause.
            beginLook()
        }
    }

    private func beginLook() {
        timer = nil
        isLooking = true
        // Nobody waits for this task: it ends by itself, and there is no other one at the time.
        Task(executorPreference: loop) { await self.look() }
    }

    private func look() async {
        let asked = waiters
        waiters = []
        let leaders = Set(asked.map(\.leader))
        let (alive, took) = await thread.perform {
            let start = SystemClock.sinceBoot()
            let alive = ProcessSession.alive(leaders: leaders)
            return (alive, SystemClock.sinceBoot() - start)
        }
        nextLook = SystemClock.sinceBoot() + max(Self.shortestPause, took * 4)
        isLooking = false
        for (leader, continuation) in asked {
            continuation.resume(returning: alive.contains(leader))
        }
        lookSoon()
    }

    private static let shortestPause = Duration.milliseconds(20)
}
