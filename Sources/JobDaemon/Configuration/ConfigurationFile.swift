import LinuxSystem

/// One configuration file, read to its end whatever is wrong with it.
struct ConfigurationFile: Sendable {
    let path: String
    private(set) var entries: [ConfigurationText.Entry] = []
    /// What is wrong with the file itself.
    private(set) var problems: [ConfigurationProblem] = []
    /// Nothing at all stands in it: it only hides a file of the same name.
    private(set) var isEmpty = false

    /// - Parameter repeatable: the keys that may be given more than once in a section.
    init(reading path: String, repeatable: Set<String> = []) {
        self.path = path
        do {
            if try checkKind() { try read(repeatable) }
        } catch {
            note(nil, String(describing: error))
        }
    }

    /// What is said of a file that every user of the machine may change.
    static let writableByAll =
        "every user may write to it; take that right away with chmod o-w"

    private static let longest = 1 << 20

    /// - Returns: whether there is something to read.
    private mutating func checkKind() throws -> Bool {
        let status = try FileStatus(path: path)
        if status.isWritableByAll && status.kind == .file { note(nil, Self.writableByAll) }
        // A link to it is how an administrator hides a file.
        isEmpty = FileStatus.isSame(path, "/dev/null")
        if status.kind != .file && !isEmpty { note(nil, "must be a file") }
        return status.kind == .file
    }

    private mutating func read(_ repeatable: Set<String>) throws {
        let bytes = try FileDescriptor.open(reading: path).readToEnd(limit: Self.longest)
        isEmpty = bytes.isEmpty
        guard bytes.count <= Self.longest else { return note(nil, "must not be longer than 1M") }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            return note(nil, "must be text in UTF-8")
        }
        let content = ConfigurationText(parsing: text)
        for error in content.errors { note(error.line, error.message) }
        var first: [[String]: Int] = [:]
        for entry in content.entries {
            let earlier = first.updateValue(entry.line, forKey: [entry.section, entry.key])
            if let earlier, !repeatable.contains(entry.key) {
                note(
                    entry.line,
                    "\(entry.key)= stands in line \(earlier) already; once in [\(entry.section)] "
                        + "is allowed")
            } else {
                entries.append(entry)
            }
        }
    }

    func source(_ entry: ConfigurationText.Entry) -> SettingSource {
        .file(path: path, line: entry.line)
    }

    private mutating func note(_ line: Int?, _ message: String) {
        problems.append(ConfigurationProblem(.file(path: path, line: line), message))
    }
}
