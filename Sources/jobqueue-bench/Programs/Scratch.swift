import Foundation

/// A folder for the sockets and files of one run, removed at its end.
final class Scratch: Sendable {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "jobqueue-bench.\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        // A folder that is left behind in the temporary directory does no harm.
        try? FileManager.default.removeItem(at: directory)
    }

    /// The path of a new folder in it.
    func folder(_ name: String) throws -> String {
        let folder = directory.appending(path: "\(name)-\(UUID().uuidString.prefix(4))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }
}
