import CLinux
import Glibc

/// What lives in a session beside its leader: `timeout` and shells with job control make groups of
/// their own, which a signal to the leader's does not reach.
///
/// The leader must be a child that is not reaped yet, so that its number is the session's. All here
/// reads the whole of `/proc`: a matter of milliseconds, for a thread that may wait.
package enum ProcessSession {
    /// Whether a process of the session runs. A leader that has ended does not count.
    package static func isAlive(leader: Int32) -> Bool {
        processes { $0.session == leader }.isEmpty == false
    }

    /// Sends `signal` to the processes of the session in other groups than the leader's.
    package static func signalOtherGroups(_ signal: Int32, leader: Int32) {
        func isMeant(_ record: ProcessRecord) -> Bool {
            record.session == leader && record.group != leader
        }
        var told: Set<Int32> = []
        // What is started while `/proc` is read is found the next time.
        for _ in 0..<rounds {
            let found = processes(where: isMeant).subtracting(told)
            if found.isEmpty { return }
            for process in found { send(signal, to: process, where: isMeant) }
            told.formUnion(found)
        }
    }

    private static let rounds = 8

    /// The processes that run, of those that can be seen.
    private static func processes(where isMeant: (ProcessRecord) -> Bool) -> Set<Int32> {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: Set<Int32> = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let process = Int32(name), runs(process, where: isMeant) else { continue }
            found.insert(process)
        }
        return found
    }

    private static func runs(_ process: Int32, where isMeant: (ProcessRecord) -> Bool) -> Bool {
        // A process whose record cannot be read is gone, or none of ours.
        guard let file = try? FileDescriptor.open(reading: "/proc/\(process)/stat"),
            case .bytes(let text)? = try? file.read(atMost: 4096),
            let record = ProcessRecord(String(decoding: text, as: UTF8.self))
        else { return false }
        return !record.isZombie && isMeant(record)
    }

    /// Looks once more when it holds the process, whose number may be another's by now.
    private static func send(
        _ signal: Int32, to process: Int32, where isMeant: (ProcessRecord) -> Bool
    ) {
        let number = clinux_pidfd_open(process)
        guard number >= 0 else { return }
        let descriptor = FileDescriptor(owning: number)
        guard runs(process, where: isMeant) else { return }
        // Fails only when it has ended meanwhile.
        _ = clinux_pidfd_signal(descriptor.number, signal)
    }
}
