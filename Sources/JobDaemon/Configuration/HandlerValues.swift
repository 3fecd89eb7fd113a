import ExecHandler
import LinuxSystem

/// The values of handler files that have a form of their own.
enum HandlerValues {
    /// `KEY=VALUE` words; of a key that is given twice the last counts.
    static func environment(_ text: String) throws(ValueError) -> [String: String] {
        var variables: [String: String] = [:]
        for word in try WordSplitting.words(of: text) {
            let halves = word.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            guard halves.count == 2, isVariable(name) else {
                // What may be half of a secret is not repeated.
                throw ValueError(
                    "each word must be KEY=VALUE, with a key of A-Z a-z 0-9 _ that does not begin "
                        + "with a digit; put words with blanks into quotes")
            }
            guard !name.hasPrefix("JOB_") else {
                throw ValueError("\(name) is one of the daemon's own: do not begin it with JOB_")
            }
            variables[name] = String(halves[1])
        }
        return variables
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_")
        }
    }

    /// Numbers of 1 to 255 with blanks between.
    static func statuses(_ text: String) throws(ValueError) -> Set<UInt8> {
        var statuses: Set<UInt8> = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            guard let status = UInt8(word), status > 0 else {
                throw ValueError("'\(word)' must be a number of 1 to 255")
            }
            statuses.insert(status)
        }
        return statuses
    }

    /// A file mode creation mask, in octal: `0022`.
    static func umask(_ text: String) throws(ValueError) -> UInt16 {
        guard text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
            let mask = UInt16(text, radix: 8),
            mask <= 0o777
        else { throw ValueError("'\(text)' must be an octal number of 0000 to 0777") }
        return mask
    }

    /// `SOFT:HARD`, or one number for both.
    static func descriptors(_ text: String) throws(ValueError) -> DescriptorLimit {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false).map {
            Int($0) ?? 0
        }
        guard (1...2).contains(halves.count), let soft = halves.first, let hard = halves.last,
            (3...1_048_576).contains(soft), (soft...1_048_576).contains(hard)
        else {
            throw ValueError(
                "'\(text)' must be a number of 3 to 1048576, or two as SOFT:HARD, the soft one not "
                    + "above the hard one")
        }
        return DescriptorLimit(soft: UInt64(soft), hard: UInt64(hard))
    }

    /// A directory that is there.
    static func directory(_ text: String) throws(ValueError) -> String {
        let path = try ValueReading.absolutePath(text)
        let status = try status(of: path)
        guard status.kind == .directory else { throw ValueError("\(path) must be a directory") }
        return path
    }

    /// What a command that runs on was started from: the program, each argument that is the path of a file
    /// (of an interpreter the script), and the directory that was named.
    static func files(of definition: CommandDefinition) -> [FileVersion] {
        guard case .persistent = definition.mode else { return [] }
        let directory = definition.workingDirectory
        let arguments = definition.arguments.filter { !$0.isEmpty && !$0.hasPrefix("-") }
        let paths = arguments.map { $0.hasPrefix("/") ? $0 : "\(directory ?? "")/\($0)" }
        return ([definition.executable] + paths + (directory.map { [$0] } ?? []))
            .compactMap(FileVersion.init)
    }

    private static func status(of path: String) throws(ValueError) -> FileStatus {
        do {
            return try FileStatus(path: path)
        } catch {
            let hint = hiddenPlace(of: path).map {
                "; under a unit with ProtectHome= there is nothing below \($0)"
            }
            throw ValueError("\(error)\(hint ?? "")")
        }
    }

    /// The directory over this path that `ProtectHome=yes` empties; `nil`: it stands elsewhere.
    static func hiddenPlace(of path: String) -> String? {
        let paths = [path, FileStatus.resolved(path) ?? path]
        return ["/home", "/root", "/run/user"].first { place in
            paths.contains { $0.hasPrefix("\(place)/") }
        }
    }

    /// Checks that there is something that can be executed, and that not everybody could change it.
    static func checkExecutable(_ path: String) throws(ValueError) {
        _ = try ValueReading.absolutePath(path)
        let status = try status(of: path)
        guard status.kind == .file, FileStatus.isExecutable(path) else {
            throw ValueError("\(path) must be a file that the daemon's user may execute")
        }
        guard !status.isWritableByAll else {
            throw ValueError("\(path): \(ConfigurationFile.writableByAll)")
        }
    }
}
