#if FAILPOINTS
    import Synchronization

    /// Places where a debug build dies, and rules that it breaks, when a test says so. No release build
    /// has any of it.
    package enum FailPoint: String, CaseIterable, Sendable {
        // The process ends here, as by kill -9.

        /// A claim was answered, and nothing of it has started.
        case dieAfterClaim = "die-after-claim"
        /// Handlers have returned, and nothing of it is written.
        case dieBeforeFinish = "die-before-finish"

        // Each breaks one rule, so that a test can show that breaking it is noticed.

        /// An outcome counts although the job is not this worker's any more.
        case noFence = "no-fence"
        /// What lost workers held is never taken back.
        case noRecover = "no-recover"
        /// A job that ends keeps its unique key.
        case noUnlock = "no-unlock"
        /// A job is acked before it has run.
        case ackBeforeRun = "ack-before-run"
        /// A release pushes the job whether it was this worker's or not.
        case releaseWithoutGuard = "release-without-guard"

        private struct Active {
            var points: Set<FailPoint> = []
            var die: @Sendable () -> Void = {}
        }

        private static let active = Mutex(Active())

        /// Says which of them hold from now on.
        ///
        /// - Parameter die: Ends the process.
        package static func activate(
            _ points: Set<FailPoint>, die: @escaping @Sendable () -> Void
        ) {
            active.withLock { $0 = Active(points: points, die: die) }
        }

        package var isActive: Bool { Self.active.withLock { $0.points.contains(self) } }

        /// Ends the process, if this is a place where it should.
        func hit() {
            let die = Self.active.withLock { $0.points.contains(self) ? $0.die : nil }
            die?()
        }
    }
#endif
