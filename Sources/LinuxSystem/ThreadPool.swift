import CLinux
import Glibc
import Synchronization

/// A fixed number of threads that run Swift's tasks. All are made at the start and stay.
///
/// Swift's own pool makes its threads when a job comes, on the thread that brings the job, and sleeps there
/// for as long as the system has no thread to give. Here a job only goes into a queue.
package final class ThreadPool: TaskExecutor {
    private struct State {
        /// Two halves of the queue: what came since `next` was empty, and what came before that, the first
        /// last.
        var arrived: [UnownedJob] = []
        var next: [UnownedJob] = []
        /// Threads that wait, less those that are being woken.
        var idle = 0

        mutating func take() -> UnownedJob? {
            if next.isEmpty {
                swap(&next, &arrived)
                next.reverse()
            }
            return next.popLast()
        }
    }

    private let state = Mutex(State())
    /// Counts the threads that are being woken. Made before and freed after its last use; sem_post(3) and
    /// sem_wait(3) may be called by any thread.
    private nonisolated(unsafe) let wakeUps: UnsafeMutablePointer<sem_t>

    /// Starts the threads, which live as long as the process.
    ///
    /// - Parameter count: `nil`: one for each processor.
    package init(count: Int? = nil) throws(BackgroundThreadError) {
        wakeUps = .allocate(capacity: 1)
        sem_init(wakeUps, 0, 0)
        for _ in 0..<max(1, count ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
            try BackgroundThread.start(named: "handlers") { self.run() }
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = state.withLock { state in
            state.arrived.append(job)
            guard state.idle > 0 else { return false }
            state.idle -= 1
            return true
        }
        if mustWake { sem_post(wakeUps) }
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    /// One thread.
    private func run() {
        let executor = asUnownedTaskExecutor()
        while true {
            let job = state.withLock { state -> UnownedJob? in
                if let job = state.take() { return job }
                state.idle += 1
                return nil
            }
            if let job {
                job.runSynchronously(on: executor)
            } else {
                // It returns too early when a signal comes: then this thread is not counted as idle.
                while sem_wait(wakeUps) < 0 {}
            }
        }
    }
}
