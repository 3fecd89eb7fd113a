import LinuxSystem
import Synchronization

/// The one thread that starts children and searches `/proc`: what is asked of it is done in order. It
/// ends with the value.
///
/// A child dies with the *thread* that has started it (PR_SET_PDEATHSIG), so that must be one which
/// stays. It is not the event loop's, because a start returns only when the program was loaded, which
/// a slow disk can draw out.
final class ProcessThread: Sendable {
    private let core: Core

    init() throws {
        let core = try Core()
        try BackgroundThread.start(named: "child-processes") { core.run() }
        self.core = core
    }

    deinit { core.post(nil) }

    /// Has `work` done, and does not wait for it.
    func post(_ work: @escaping @Sendable () -> Void) { core.post(work) }

    /// Has `work` done, and all that was posted before.
    func perform<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            post { continuation.resume(returning: work()) }
        }
    }
}

private final class Core: Sendable {
    typealias Work = @Sendable () -> Void

    /// `nil` is the end.
    private let posted = Mutex<[Work?]>([])
    private let wakeUp: WakeUp

    init() throws { wakeUp = try WakeUp() }

    func post(_ work: Work?) {
        let mustWake = posted.withLock { posted in
            posted.append(work)
            return posted.count == 1
        }
        if mustWake { wakeUp.signal() }
    }

    func run() {
        while true {
            let taken = posted.withLock { posted in
                defer { posted = [] }
                return posted
            }
            for work in taken {
                guard let work else { return }
                work()
            }
            if taken.isEmpty { wakeUp.wait() }
        }
    }
}
