import Glibc

/// What kept a test from being set up, or what it waited for in vain.
package struct TestSupportError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// The failure of a system call, with `errno`'s reason.
    static func systemCall(_ name: String, _ code: Int32 = errno) -> TestSupportError {
        TestSupportError("\(name): \(String(cString: strerror(code)))")
    }
}
