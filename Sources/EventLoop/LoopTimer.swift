/// Waiting on the loop's own timers. `Task.sleep` needs a free thread of Swift's shared pool to wake
/// up, which a blocked handler can deny; this does not.
extension EventLoop {
    /// Suspends for at least `duration`. Throws `CancellationError` as soon as the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let sleeper = Sleeper(loop: self)
        await withTaskCancellationHandler {
            await sleeper.sleep(for: duration)
        } onCancel: {
            // Nobody waits for this task: it only wakes the sleeper, which the caller awaits.
            Task(executorPreference: self) { await sleeper.wake() }
        }
        try Task.checkCancellation()
    }
}

/// One wait. An actor on the loop, so that timer and continuation are touched there alone.
private actor Sleeper {
    private let loop: EventLoop
    private var timer: TimerSource?
    private var continuation: CheckedContinuation<Void, Never>?
    private var isOver = false

    init(loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    func sleep(for duration: Duration) async {
        await withCheckedContinuation { continuation in
            if isOver { return continuation.resume() }
            self.continuation = continuation
            do {
                timer = try TimerSource(loop: loop) { [weak self] in
                    self?.assumeIsolated { $0.wake() }
                }
                try timer?.set(after: duration)
            } catch {
                // Without a timer (out of memory) the wait ends at once rather than never.
                wake()
            }
        }
        timer = nil
    }

    func wake() {
        isOver = true
        continuation?.resume()
        continuation = nil
    }
}
