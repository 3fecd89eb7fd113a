import EventLoop
import Glibc
import JobQueue

/// Faults that tests ask for by enqueuing a job. They exist in debug builds alone.
enum FailPoints {
    static func register(in registry: inout HandlerRegistry, loop: EventLoop) {
        #if FAILPOINTS
            // The process dies of its handler.
            registry.register("failpoint:segv") { _, _ in kill(getpid(), SIGSEGV) }
            registry.register("failpoint:abort") { _, _ in abort() }
            registry.register("failpoint:exit") { _, _ in exit(3) }
            registry.register("failpoint:trap") { _, _ in preconditionFailure("told to") }
            // The loop's thread stops for good: nothing is heard or answered any more.
            registry.register("failpoint:stick-loop") { _, _ in
                await StuckLoop(loop: loop).stick()
            }
        #endif
    }
}

#if FAILPOINTS
    private actor StuckLoop {
        private let loop: EventLoop

        init(loop: EventLoop) { self.loop = loop }

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            // The executor lives as long as `loop`, which this actor owns.
            unsafe loop.asUnownedSerialExecutor()
        }

        func stick() {
            while true { pause() }
        }
    }
#endif
