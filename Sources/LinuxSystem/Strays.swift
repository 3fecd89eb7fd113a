import CLinux
import Glibc
import Synchronization

/// Processes that were started by a child of this one, in a session that is not the child's, and that
/// have lost their own parents: the kernel makes this process the parent, where it has asked for that.
///
/// They are known by a variable in their environment, which they have from the child. Where nothing else
/// in this process starts children, those that have dropped the variable are known by being its children.
/// Else what this process has started in another way, and waits for, is left alone.
package final class Strays: Sendable {
    private struct State {
        /// Ended, nobody's, and since when that is known.
        var ended: [Int32: Duration] = [:]
        /// Without the variable, and what ran when they were seen first: one of these has started them.
        var unmarked: [Int32: Set<String>] = [:]
    }

    /// The name of the variable.
    package let variable: String
    /// With this its value begins here, and nowhere else.
    package let prefix = String(UInt64.random(in: .min ... .max), radix: 36) + "-"
    /// Nothing else in this process starts children.
    private let areAllOurs: Bool
    private let state = Mutex(State())

    /// - Parameter areAllOurs: Every child of this process that is in another session than this process is
    ///   a child that is marked, or a stray.
    package init(variable: String, areAllOurs: Bool = false) {
        self.variable = variable
        self.areAllOurs = areAllOurs
    }

    /// From now on orphans below this process become its children. Wraps `prctl(2)` with
    /// PR_SET_CHILD_SUBREAPER.
    package static func adopt() throws(SystemError) {
        guard clinux_adopt_orphans() == 0 else {
            throw .failed(call: "become the parent of orphans", path: nil, errno: errno)
        }
    }

    /// Whether a child has ended that nobody has asked for yet. One system call.
    package static func hasEndedChild() -> Bool { clinux_has_ended_child() == 1 }

    /// Kills all strays but those of `running`, and takes away those that have ended.
    ///
    /// Reads the whole of `/proc`. While it runs nothing else in this process may start children
    /// that are marked.
    ///
    /// - Parameters:
    ///   - running: The variable's values that are in use.
    ///   - leaders: Children that somebody waits for.
    /// - Returns: whether there may be more to do in a while.
    package func sweep(running: Set<String>, leaders: Set<Int32>) -> Bool {
        let own = getpid()
        let session = getsid(0)
        let isAnyLeft = reapOthers(leaders: leaders, session: session)
        let (condemned, isAnyNew) = judgeUnmarked(running, leaders)
        let found = ProcessTable.signal(SIGKILL) { process, record in
            guard record.parent == own, record.session != session, !leaders.contains(process)
            else { return false }
            if condemned.contains(process) { return true }
            guard let mark = mark(of: process) else { return false }
            return mark.hasPrefix(prefix) && !running.contains(mark)
        }
        return found || isAnyLeft || isAnyNew
    }

    /// Of those without the variable the ones to kill: they were there before, so that they are no child
    /// that is just being started, and what ran when they were seen first has ended.
    private func judgeUnmarked(
        _ running: Set<String>, _ leaders: Set<Int32>
    ) -> (condemned: Set<Int32>, isAnyNew: Bool) {
        guard areAllOurs else { return ([], false) }
        let own = getpid()
        let session = getsid(0)
        let found = ProcessTable.processes { process, record in
            record.parent == own && record.session != session && !record.isZombie
                && !leaders.contains(process) && !leaders.contains(record.session)
                && mark(of: process) == nil
        }
        return state.withLock { state in
            var unmarked: [Int32: Set<String>] = [:]
            var condemned: Set<Int32> = []
            var isAnyNew = false
            for process in found {
                let former = state.unmarked[process]
                let suspects = (former ?? running).intersection(running)
                unmarked[process] = suspects
                if former == nil { isAnyNew = true }
                if former != nil, suspects.isEmpty { condemned.insert(process) }
            }
            state.unmarked = unmarked
            return (condemned, isAnyNew)
        }
    }

    /// What has ended says nothing of where it came from. That it is nobody's for a while makes it one to
    /// take away: of another session than this process at the second look, of its own session, where some
    /// handler may still ask for its own child, after a minute.
    private func reapOthers(leaders: Set<Int32>, session: Int32) -> Bool {
        let own = getpid()
        let now = SystemClock.sinceBoot()
        var inOwnSession: Set<Int32> = []
        let zombies = ProcessTable.processes { process, record in
            guard record.isZombie, record.parent == own, !leaders.contains(process) else {
                return false
            }
            if record.session == session { inOwnSession.insert(process) }
            return true
        }
        return state.withLock { state in
            var ended: [Int32: Duration] = [:]
            for process in zombies {
                guard let since = state.ended[process] else {
                    ended[process] = now
                    continue
                }
                if !inOwnSession.contains(process) || now - since >= Self.patience {
                    clinux_reap_child(process)
                } else {
                    ended[process] = since
                }
            }
            state.ended = ended
            return ended.keys.contains { !inOwnSession.contains($0) }
        }
    }

    /// Kills everything that is marked, whoever is its parent, and all other strays: the last thing before
    /// this process ends. Blocks for `limit` at most.
    package func sweepForGood(within limit: Duration) {
        let own = getpid()
        let session = getsid(0)
        let end = SystemClock.sinceBoot() + limit
        // What is killed leaves its own children to this process, which are found the next time.
        while ProcessTable.signal(
            SIGKILL,
            where: { process, record in
                guard record.session != session else { return false }
                if areAllOurs, record.parent == own { return true }
                return mark(of: process)?.hasPrefix(prefix) == true
            }), SystemClock.sinceBoot() < end
        {
            usleep(5_000)
            _ = reapOthers(leaders: [], session: session)
        }
    }

    /// Kills what processes of this machine have left that began their marks with one of `prefixes`, and
    /// that are gone.
    ///
    /// - Returns: how many there were.
    package func killLeft(by prefixes: [String]) -> Int {
        let session = getsid(0)
        let meant = prefixes.filter(Self.isPrefix)
        guard !meant.isEmpty else { return 0 }
        var left: Set<Int32> = []
        ProcessTable.signal(SIGKILL) { process, record in
            guard record.session != session, let mark = mark(of: process),
                meant.contains(where: mark.hasPrefix)
            else { return false }
            left.insert(process)
            return true
        }
        return left.count
    }

    /// Whether `text` can be what marks begin with: never so short that it could be another's.
    package static func isPrefix(_ text: String) -> Bool {
        text.utf8.count >= 7 && text.hasSuffix("-")
            && text.dropLast().allSatisfy { $0.isASCII && ($0.isNumber || $0.isLowercase) }
    }

    /// The variable's value when the process's program was started.
    private func mark(of process: Int32) -> String? {
        guard let file = try? FileDescriptor.open(reading: "/proc/\(process)/environ"),
            let bytes = try? file.readToEnd(limit: Self.longestEnvironment)
        else { return nil }
        let beginning = Array("\(variable)=".utf8)
        let found = bytes.split(separator: 0).first { $0.starts(with: beginning) }
        return found.map { String(decoding: $0.dropFirst(beginning.count), as: UTF8.self) }
    }

    private static let longestEnvironment = 4 << 20
    private static let patience = Duration.seconds(60)
}
