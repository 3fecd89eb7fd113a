import Glibc

/// Why an instance could not take its lock.
package enum LockFileError: Error, Equatable, CustomStringConvertible {
    /// Another process has it. `nil`: it has not said which.
    case held(path: String, processID: Int32?)
    case open(path: String, errno: Int32)
    case lock(path: String, errno: Int32)
    case read(path: String, errno: Int32)
    case write(path: String, errno: Int32)

    package var description: String {
        switch self {
        case .held(let path, let processID):
            "\(path) is locked by another jobqueued"
                + (processID.map { " (pid \($0))" } ?? "")
                + "; a second instance needs a runtime directory of its own"
        case .open(let path, let code):
            "cannot open \(path): \(Self.reason(code)); does the directory exist, and is it ours?"
        case .lock(let path, let code): "cannot lock \(path): \(Self.reason(code))"
        case .read(let path, let code): "cannot read \(path): \(Self.reason(code))"
        case .write(let path, let code): "cannot write \(path): \(Self.reason(code))"
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
