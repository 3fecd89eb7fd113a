import Foundation

/// A `redis-server` of the benchmark's own, without persistence, on a Unix socket.
final class PrivateRedis {
    let socket: String
    private let directory: URL
    private let process = Process()

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "jobqueue-bench.\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        socket = directory.appending(path: "redis.sock").path
        process.executableURL = URL(filePath: "/usr/bin/redis-server")
        process.arguments = [
            "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir",
            directory.path, "--loglevel", "warning",
        ]
        try process.run()
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        // A folder that is left behind in the temporary directory does no harm.
        try? FileManager.default.removeItem(at: directory)
    }
}
