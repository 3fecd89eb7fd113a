import Foundation

/// A configuration with handler files, scripts beside it, and a daemon on a file of its own.
package struct CommandPlace: Sendable {
    package let directory: TemporaryDirectory

    package init() throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "jobqueued.conf")
        try FileManager.default.createDirectory(
            atPath: directory.file("handlers.d"), withIntermediateDirectories: true)
    }

    /// Writes a script, and the handler file that has it run jobs of `type`.
    package func handler(_ type: String, _ script: String, more: String = "") throws {
        let name = type.split(separator: ":").last.map(String.init) ?? type
        let file = name == "*" ? "all" : name
        try directory.write(script, to: file, mode: 0o755)
        try command(type, directory.file(file), more: more)
    }

    /// Writes a handler file alone.
    package func command(_ type: String, _ exec: String, more: String = "") throws {
        let name = type.replacing(":", with: "-").replacing("*", with: "all")
        try directory.write(
            "[Handler]\nType=\(type)\nExec=\(exec)\n\(more)\n", to: "handlers.d/\(name).conf")
    }

    package func daemon(
        _ arguments: [String] = [], grace: String = "10s", launcher: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> DaemonProcess {
        let daemon = try DaemonProcess(
            address: "sqlite:\(directory.file("jobs.db"))",
            ["--config", directory.file("jobqueued.conf"), "--kill-grace", grace] + arguments,
            environment: environment, launcher: launcher)
        // Where the log goes to a journal there is no line to wait for.
        if launcher.isEmpty { try await daemon.ready() }
        return daemon
    }

    /// What a file in its directory holds; `nil`: it is not there.
    package func text(_ name: String) -> String? {
        try? String(contentsOfFile: directory.file(name), encoding: .utf8)
    }

    /// The processes with this directory's path in their environment, ended ones not.
    package func processes() -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let path = Data(directory.path.utf8)
        return names.compactMap { pid_t($0) }.filter { process in
            let file = FileManager.default.contents(atPath: "/proc/\(process)/environ")
            return file?.range(of: path) != nil
        }
    }
}

extension DaemonProcess {
    /// How many jobs ended well, of whatever type.
    package func processed() throws -> Double {
        try get("/metrics").body.split(separator: "\n")
            .filter { $0.hasPrefix("jobqueue_jobs_processed_total{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// How many jobs are dead.
    package func dead() throws -> Double? {
        try metric(#"jobqueue_jobs{queue="default",state="dead"}"#)
    }

    /// The numbers of its children, ended ones too.
    package func children() -> [pid_t] {
        let directory = "/proc/\(child.pid)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return threads.flatMap { thread in
            let list = try? String(
                contentsOfFile: "\(directory)/\(thread)/children", encoding: .utf8)
            return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
        }
    }
}
