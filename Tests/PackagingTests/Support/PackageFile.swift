import Foundation
import TestSupport

/// The files of this package as they are shipped.
enum PackageFile {
    /// The package's own directory.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func path(_ path: String) -> String { "\(root)/\(path)" }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: self.path(path), encoding: .utf8)
    }

    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(directory)).sorted()
    }
}

/// Runs a tool to its end.
func output(
    of executable: String, _ arguments: [String], environment: [String: String] = [:],
    input: String = ""
) async throws -> (lines: [String], errors: [String], status: ChildProcess.ExitStatus) {
    let process = try ChildProcess(
        executable, arguments, environment: environment, input: input)
    let status = try await process.waitForEndOfOutput(within: .seconds(120))
    return (process.standardOutput, process.standardError, status)
}
