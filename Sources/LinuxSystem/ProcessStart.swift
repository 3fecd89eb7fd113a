import CLinux
import Glibc

/// What a process is started with. It inherits nothing else: no other descriptor, no variable, no
/// blocked signal, and no signal's action.
package struct ProcessStart: Sendable {
    /// Not looked up in PATH, and not tried as a script of a shell.
    package let path: String
    /// With the name, by which programs call themselves, first. No string here may hold a NUL.
    package let arguments: [String]
    package let environment: [String: String]
    /// Lent descriptors, which become 0, 1 and 2. None may be one of these numbers.
    package let streams: (input: Int32, output: Int32, errors: Int32)

    package init(
        path: String, arguments: [String], environment: [String: String],
        streams: (input: Int32, output: Int32, errors: Int32)
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.streams = streams
    }

    /// Starts it as the leader of a session of its own, and of a group. Blocks until the program was
    /// loaded. Wraps `posix_spawn(3)` and `pidfd_open(2)`.
    package func start() throws(SystemError) -> StartedProcess {
        var process = pid_t()
        var descriptor: Int32 = -1
        let code = Self.withStrings(arguments) { arguments in
            Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                clinux_spawn(
                    path, arguments, environment, [streams.input, streams.output, streams.errors],
                    &process, &descriptor)
            }
        }
        guard code == 0 else { throw .failed(call: "start", path: path, errno: code) }
        return StartedProcess(processID: process, descriptor: descriptor)
    }

    /// Whether there is a file at its path: then "no such file" is said of the file's interpreter.
    package static func fileExists(at path: String) -> Bool { access(path, F_OK) == 0 }

    /// Calls `body` with `strings` as C has them: an array of pointers that ends with a null.
    private static func withStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}
