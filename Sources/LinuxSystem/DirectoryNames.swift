import Glibc

/// The names in a directory, as the bytes that they are: nothing says that they are text. Wraps
/// `opendir(3)` and `readdir(3)`.
package enum DirectoryNames {
    /// All but `.` and `..`, in no order.
    package static func read(_ path: String) throws(SystemError) -> [[UInt8]] {
        guard let directory = opendir(path) else {
            throw .failed(call: "read", path: path, errno: errno)
        }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw .failed(call: "read", path: path, errno: errno) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
        }
    }
}
