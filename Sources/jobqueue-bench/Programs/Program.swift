import Foundation
import JobQueue

/// A program that the benchmark has started, and that does not outlive it.
final class Program: Sendable {
    private let process = Process()
    private let ended = Bell()

    /// Starts `executable` (an absolute path).
    ///
    /// Call it on the event loop: the system ends the program together with the thread that started
    /// it, and the loop's lives as long as the process.
    init(
        _ executable: String, _ arguments: [String], output: FileHandle? = nil
    ) throws {
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        process.arguments = ["--pdeathsig", "KILL", "--", executable] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? .nullDevice
        process.terminationHandler = { [ended] _ in ended.ring() }
        try process.run()
    }

    var pid: Int32 { process.processIdentifier }

    /// Waits for its end, which must be a success.
    func waitForSuccess() async throws {
        await ended.wait()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let command = (process.arguments ?? []).dropFirst(3).joined(separator: " ")
            throw BenchError("\(command) failed with status \(process.terminationStatus)")
        }
    }

    /// Tells it to end, and waits until it has.
    func stop() async {
        process.terminate()
        await ended.wait()
    }

    /// Where a program of this package lies: beside this one.
    static func path(ofSibling name: String) -> String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: name).path
    }
}

/// Why nothing was measured.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
