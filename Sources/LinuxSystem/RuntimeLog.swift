import Glibc

/// What Swift's runtime libraries write to the system's log by themselves.
package enum RuntimeLog {
    /// Has libdispatch write nothing, unless the environment says otherwise. It asks for a niceness below 0
    /// for some of its threads, and tells of each one that it is refused, which is of no account: in a
    /// container or without LimitNICE= it was a line for each new thread. To be called before the first
    /// thread of a pool starts. Wraps `setenv(3)` with LIBDISPATCH_LOG.
    package static func silence() { setenv("LIBDISPATCH_LOG", "NO", 0) }
}
