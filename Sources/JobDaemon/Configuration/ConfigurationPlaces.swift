import LinuxSystem

/// Which files make up the configuration.
package struct ConfigurationPlaces: Sendable {
    /// Main files; a later one stands over those before it.
    var mains: [String]
    /// Directories of drop-ins, which stand over the main files in the order of their names.
    var dropIns: [String]
    /// Directories of handler files; of two files of one name the one in the later directory counts.
    var handlers: [String]
    /// Whether the main file must be there.
    var isNamed: Bool

    static let systemMain = "/etc/jobqueued/jobqueued.conf"

    /// Those of the package and those of the administrator.
    package static let system = ConfigurationPlaces(
        mains: ["/usr/lib/jobqueued/jobqueued.conf", systemMain],
        dropIns: ["\(systemMain).d"],
        handlers: ["/usr/lib/jobqueued/handlers.d", "/etc/jobqueued/handlers.d"], isNamed: false)

    /// A main file that is named, and what lies beside it: `PATH.d` and `handlers.d`.
    package init(main path: String) {
        let directory = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        self.init(
            mains: [path], dropIns: ["\(path).d"], handlers: ["\(directory)/handlers.d"],
            isNamed: true)
    }

    private init(mains: [String], dropIns: [String], handlers: [String], isNamed: Bool) {
        self.mains = mains
        self.dropIns = dropIns
        self.handlers = handlers
        self.isNamed = isNamed
    }

    /// The files of settings that are there, from the weakest to the strongest.
    func settingFiles(_ problems: inout [ConfigurationProblem]) -> [String] {
        mains.filter { isNamed || FileStatus.exists($0) } + files(in: dropIns, &problems)
    }

    /// The handler files that are there, in the order of their names.
    func handlerFiles(_ problems: inout [ConfigurationProblem]) -> [String] {
        files(in: handlers, &problems)
    }

    /// A name as the shell's `$'…'` writes it.
    private static func shown(_ name: [UInt8]) -> String {
        let text = name.map { byte in
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
            case 0x20..<0x7F: String(UnicodeScalar(byte))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return "$'\(text.joined())'"
    }

    /// `*.conf`, each name once, from the last directory that has it.
    private func files(
        in directories: [String], _ problems: inout [ConfigurationProblem]
    ) -> [String] {
        var paths: [String: String] = [:]
        for directory in directories where FileStatus.exists(directory) {
            do {
                // Whoever may put a file there writes the configuration.
                if try FileStatus(path: directory).isWritableByAll {
                    problems.append(
                        ConfigurationProblem(
                            .file(path: directory, line: nil), ConfigurationFile.writableByAll))
                }
                for bytes in try DirectoryNames.read(directory) {
                    guard bytes.suffix(5).elementsEqual(".conf".utf8),
                        bytes.first != UInt8(ascii: ".")
                    else { continue }
                    guard let name = String(validating: bytes, as: UTF8.self) else {
                        problems.append(
                            ConfigurationProblem(
                                .file(path: directory, line: nil),
                                "the name of the file \(Self.shown(bytes)) is not UTF-8; rename it")
                        )
                        continue
                    }
                    paths[name] = "\(directory)/\(name)"
                }
            } catch {
                problems.append(
                    ConfigurationProblem(
                        .file(path: directory, line: nil),
                        "must be a directory that can be read by the daemon's user"))
            }
        }
        return paths.sorted { $0.key < $1.key }.map(\.value)
    }
}
