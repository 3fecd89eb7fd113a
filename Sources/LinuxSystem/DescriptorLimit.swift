import Glibc

/// How many descriptors a process may have open (RLIMIT_NOFILE).
package struct DescriptorLimit: Sendable, Equatable {
    package var soft: UInt64
    package var hard: UInt64

    package init(soft: UInt64, hard: UInt64) {
        self.soft = soft
        self.hard = hard
    }

    /// Those with which this process was started, when asked for the first time: before the soft one is
    /// raised. Programs that it starts get them, because `select(2)` breaks above 1024. `nil`: not known.
    package static let atStart = current

    /// Raises this process's soft limit to the hard one. A refusal leaves it as it is. Wraps
    /// `setrlimit(2)`.
    package static func raise() {
        guard let start = atStart, start.soft < start.hard else { return }
        var limit = rlimit(rlim_cur: rlim_t(start.hard), rlim_max: rlim_t(start.hard))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Those of this process at the moment. Wraps `getrlimit(2)`.
    package static var current: DescriptorLimit? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return nil
        }
        return DescriptorLimit(soft: UInt64(limit.rlim_cur), hard: UInt64(limit.rlim_max))
    }
}
