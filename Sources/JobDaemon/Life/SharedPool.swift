import JobQueue
import LinuxSystem

/// Swift's shared pool of threads. Jobs run on threads of the daemon's own, and their handlers may use the
/// pool all the same: `Task.sleep`, a detached task.
enum SharedPool {
    /// Has the pool open what it opens at its first task and at its first timer. When it cannot have them
    /// then, it ends the process. Blocks the calling thread.
    static func open() throws {
        let isOpen = try WakeUp()
        // On a thread of its own, because the pool sleeps until the system has a thread to give.
        try BackgroundThread.start(named: "pool-start") {
            // Nobody waits for this task: it tells when it is over.
            Task.detached {
                // It is cancelled by nobody.
                try? await Task.sleep(for: .milliseconds(1))
                isOpen.signal()
            }
        }
        guard isOpen.wait(within: limit) else {
            throw StartFailure(
                .software,
                "Swift's runtime got no thread within \(limit.brief); is TasksMax=, LimitNPROC= or "
                    + "LimitAS= of the unit too low?")
        }
    }

    private static let limit = Duration.seconds(5)
}
