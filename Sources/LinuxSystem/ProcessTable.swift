import CLinux
import Glibc

/// The processes that can be seen, as `/proc` has them.
enum ProcessTable {
    /// Those that `isMeant`, ended ones too.
    static func processes(where isMeant: (Int32, ProcessRecord) -> Bool) -> Set<Int32> {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: Set<Int32> = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let process = Int32(name), let record = record(of: process),
                isMeant(process, record)
            else { continue }
            found.insert(process)
        }
        return found
    }

    /// Sends `signal` to those that run and that `isMeant`.
    ///
    /// - Returns: whether there were any that could be told.
    @discardableResult
    static func signal(_ signal: Int32, where isMeant: (Int32, ProcessRecord) -> Bool) -> Bool {
        func isMeantAndRuns(_ process: Int32, _ record: ProcessRecord) -> Bool {
            !record.isZombie && isMeant(process, record)
        }
        var tried: Set<Int32> = []
        var isAnyTold = false
        // What is started while `/proc` is read is found the next time.
        for _ in 0..<rounds {
            let found = processes(where: isMeantAndRuns).subtracting(tried)
            if found.isEmpty { break }
            for process in found where send(signal, to: process, where: isMeantAndRuns) {
                isAnyTold = true
            }
            tried.formUnion(found)
        }
        return isAnyTold
    }

    private static let rounds = 8

    /// `nil`: it is gone, or none of ours.
    private static func record(of process: Int32) -> ProcessRecord? {
        guard let file = try? FileDescriptor.open(reading: "/proc/\(process)/stat"),
            case .bytes(let text)? = try? file.read(atMost: 4096)
        else { return nil }
        return ProcessRecord(String(decoding: text, as: UTF8.self))
    }

    /// Looks once more when it holds the process, whose number may be another's by now.
    ///
    /// - Returns: whether it was told. It is not when it has ended meanwhile, or runs as another user.
    private static func send(
        _ signal: Int32, to process: Int32, where isMeant: (Int32, ProcessRecord) -> Bool
    ) -> Bool {
        let number = clinux_pidfd_open(process)
        guard number >= 0 else { return false }
        let descriptor = FileDescriptor(owning: number)
        guard let record = record(of: process), isMeant(process, record) else { return false }
        return clinux_pidfd_signal(descriptor.number, signal) == 0
    }
}
