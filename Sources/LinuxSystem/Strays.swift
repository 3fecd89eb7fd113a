import CLinux
import Glibc
import Synchronization

/// Processes that were started by a child of this one, in a session that is not the child's, and that
/// have lost their own parents: the kernel makes this process the parent, where it has asked for that.
///
/// They are known by a variable in their environment, which they have from the child. Who this
/// process has started in another way, and waits for, has none and is left alone.
package final class Strays: Sendable {
    /// The name of the variable.
    package let variable: String
    /// With this its value begins here, and nowhere else.
    package let prefix = String(UInt64.random(in: .min ... .max), radix: 36) + "-"
    /// Ended, and nobody's when last looked at.
    private let ended = Mutex<Set<Int32>>([])

    package init(variable: String) { self.variable = variable }

    /// From now on orphans below this process become its children. Wraps `prctl(2)` with
    /// PR_SET_CHILD_SUBREAPER.
    package static func adopt() throws(SystemError) {
        guard clinux_adopt_orphans() == 0 else {
            throw .failed(call: "become the parent of orphans", path: nil, errno: errno)
        }
    }

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
        // Who has ended says nothing of where it came from. That it is in another session than this
        // process, and that nobody has asked for it for a while, makes it a stray.
        let zombies = ProcessTable.processes { process, record in
            record.isZombie && record.parent == own && record.session != session
                && !leaders.contains(process)
        }
        let isAnyLeft = ended.withLock { ended in
            for process in zombies.intersection(ended) { clinux_reap_child(process) }
            ended = zombies.subtracting(ended)
            return !ended.isEmpty
        }
        let found = ProcessTable.signal(SIGKILL) { process, record in
            guard record.parent == own, record.session != session, !leaders.contains(process),
                let mark = mark(of: process)
            else { return false }
            return mark.hasPrefix(prefix) && !running.contains(mark)
        }
        return found || isAnyLeft
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
}
