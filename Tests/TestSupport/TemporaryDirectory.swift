import Foundation

/// A fresh directory that is removed with everything in it when the value is dropped.
package final class TemporaryDirectory: Sendable {
    /// Absolute; short enough for a Unix socket below it.
    package let path: String

    package init() throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/jobqueued-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError.systemCall("mkdtemp") }
        path = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    deinit {
        // What is left behind harms no test; the system clears it away.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of `name` in this directory.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file into it.
    ///
    /// - Returns: the file's path.
    @discardableResult
    package func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
        let path = file(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        guard chmod(path, mode) == 0 else { throw TestSupportError.systemCall("chmod") }
        return path
    }

    /// What a file in it holds, as text.
    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: file(name))), as: UTF8.self)
    }
}
