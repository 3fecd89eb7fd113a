/// What a lock file says: lines of `key=value`, ended by an empty one.
struct LockFileContent: Equatable {
    var worker: String?
    var processID: Int32?
    var bootID: String?
    var machineID: String?
    /// What the marks of its children begin with, and those of former holders whose children may still
    /// run; the last ones.
    var marks: [String] = []

    init(worker: String?, host: HostIdentity, marks: [String] = []) {
        self.worker = worker
        self.marks = Array(marks.suffix(Self.mostMarks))
        processID = host.processID
        bootID = host.bootID
        machineID = host.machineID
    }

    /// Reads what is there. Lines that are not understood, and a last one that was cut off, say
    /// nothing.
    init(text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        lines.removeLast()
        for line in lines.prefix(while: { !$0.isEmpty }) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...])
            switch line[..<equals] {
            case "worker": worker = value
            case "pid": processID = Int32(value)
            case "boot": bootID = value
            case "machine": machineID = value
            case "mark": marks.append(value)
            default: continue
            }
        }
    }

    var text: String {
        let lines =
            [
                worker.map { "worker=\($0)" }, processID.map { "pid=\($0)" },
                bootID.map { "boot=\($0)" }, machineID.map { "machine=\($0)" },
            ] + marks.map { "mark=\($0)" }
        return lines.compactMap(\.self).map { $0 + "\n" }.joined() + "\n"
    }

    private static let mostMarks = 8

    /// Whether it was written on this machine since it was booted. Not known counts as no.
    func isOf(_ host: HostIdentity) -> Bool {
        guard let bootID, let machineID else { return false }
        return bootID == host.bootID && machineID == host.machineID
    }
}
