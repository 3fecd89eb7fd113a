import LinuxSystem

/// Where the open database lies. A promise holds only as long as the path leads to the open file: the
/// next start opens what lies at the path then.
struct FilePlace {
    /// How the path does not lead to the open file any more.
    enum Loss: Equatable, CustomStringConvertible {
        /// Nothing lies at the path.
        case removed(path: String)
        /// Another file lies there.
        case replaced(path: String)
        /// SQLite's log, or its index, does not lie beside the database: other processes write to one
        /// of their own.
        case companion(path: String)
        /// The file has several names, and SQLite keeps a log beside each.
        case severalNames(path: String, count: Int)
        case cannotLook(SystemError)

        var description: String {
            switch self {
            case .removed(let path): "\(path) was removed or moved away; \(Self.advice)"
            case .replaced(let path): "\(path) was replaced by another file; \(Self.advice)"
            case .companion(let path):
                "\(path) was removed or replaced while the daemon uses it; until the daemon is "
                    + "restarted nothing new is taken, and its jobs go on"
            case .severalNames(let path, let count):
                "\(path) has \(count) names (hard links), and SQLite would keep a log beside each; "
                    + "remove the other names, until then nothing new is taken"
            case .cannotLook(let error): "\(error); until it can be looked at nothing new is taken"
            }
        }

        private static let advice =
            "the daemon still has it open and runs its jobs, and takes nothing new: bring the file "
            + "back, or save its jobs with jobqueuectl export before the daemon stops"
    }

    /// As the settings name it: links on it are followed at each look.
    let path: String
    private let file: FileIdentity
    /// SQLite's log and its index, by the path of each.
    private let log: (path: String, identity: FileIdentity?)
    private let index: (path: String, identity: FileIdentity?)

    /// Takes note of what lies there now.
    ///
    /// - Parameter resolved: The path with all links followed, beside which SQLite keeps its files.
    init(path: String, resolved: String) throws(JobFileError) {
        func identity(_ path: String) throws(SystemError) -> FileIdentity? {
            try FileIdentity.of(path)?.identity
        }
        do throws(SystemError) {
            guard let found = try FileIdentity.of(path) else {
                throw .failed(call: "look at", path: path, errno: 2)
            }
            log = ("\(resolved)-wal", try identity("\(resolved)-wal"))
            index = ("\(resolved)-shm", try identity("\(resolved)-shm"))
            file = found.identity
            self.path = path
        } catch {
            throw JobFileError(path: path, .unusable(reason: error.description))
        }
    }

    /// How many names a file has before it is opened; 1 when it is not there yet.
    static func names(_ path: String) throws(JobFileError) -> Int {
        do throws(SystemError) {
            return try FileIdentity.of(path)?.names ?? 1
        } catch {
            throw JobFileError(path: path, .unusable(reason: error.description))
        }
    }

    /// Looks again. Three calls of `stat(2)`, some 3 µs.
    ///
    /// - Returns: `nil`: the path leads to the open file.
    func loss() -> Loss? {
        do throws(SystemError) {
            guard let found = try FileIdentity.of(path) else { return .removed(path: path) }
            guard found.identity == file else { return .replaced(path: path) }
            for companion in [log, index] {
                guard let identity = companion.identity else { continue }
                guard try FileIdentity.of(companion.path)?.identity == identity else {
                    return .companion(path: companion.path)
                }
            }
            return found.names == 1 ? nil : .severalNames(path: path, count: found.names)
        } catch {
            return .cannotLook(error)
        }
    }

    /// Moves the open file's log from beside another file that has taken its place. SQLite would
    /// read it as that one's at the next start.
    func putLogAside() throws(SystemError) {
        guard case .replaced? = loss() else { return }
        if let identity = log.identity, try FileIdentity.of(log.path)?.identity == identity {
            try FileName.change(log.path, to: "\(log.path).replaced")
        }
        if let identity = index.identity, try FileIdentity.of(index.path)?.identity == identity {
            try FileName.remove(index.path)
        }
    }
}
