/// What lives in a session beside its leader: `timeout` and shells with job control make groups of
/// their own, which a signal to the leader's does not reach.
///
/// The leader must be a child that is not reaped yet, so that its number is the session's. All here
/// reads the whole of `/proc`: a matter of milliseconds, for a thread that may wait.
package enum ProcessSession {
    /// Whether a process of the session runs. A leader that has ended does not count.
    package static func isAlive(leader: Int32) -> Bool {
        !ProcessTable.processes { _, record in !record.isZombie && record.session == leader }
            .isEmpty
    }

    /// Sends `signal` to the processes of the session in other groups than the leader's.
    package static func signalOtherGroups(_ signal: Int32, leader: Int32) {
        ProcessTable.signal(signal) { _, record in
            record.session == leader && record.group != leader
        }
    }
}
