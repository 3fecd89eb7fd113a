/// What lives in a session beside its leader: `timeout` and shells with job control make groups of
/// their own, which a signal to the leader's does not reach.
///
/// The leader must be a child that is not reaped yet, so that its number is the session's. All here
/// reads the whole of `/proc`: a matter of milliseconds, for a thread that may wait.
package enum ProcessSession {
    /// Those of the sessions in which a process runs. A leader that has ended does not count.
    package static func alive(leaders: Set<Int32>) -> Set<Int32> {
        var alive: Set<Int32> = []
        _ = ProcessTable.processes { _, record in
            if !record.isZombie, leaders.contains(record.session) { alive.insert(record.session) }
            return false
        }
        return alive
    }

    /// Sends `signal` to the processes of the session in other groups than the leader's.
    package static func signalOtherGroups(_ signal: Int32, leader: Int32) {
        ProcessTable.signal(signal) { _, record in
            record.session == leader && record.group != leader
        }
    }
}
