import Foundation
import TestSupport

@testable import JobDaemon

/// Configuration files in a directory of their own: `usr` stands for `/usr/lib/jobqueued`, `etc` for
/// `/etc/jobqueued`.
struct ConfigurationStand {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var places: ConfigurationPlaces {
        var places = ConfigurationPlaces.system
        places.mains = [directory.file("usr/jobqueued.conf"), directory.file("etc/jobqueued.conf")]
        places.dropIns = [directory.file("etc/jobqueued.conf.d")]
        places.handlers = [directory.file("usr/handlers.d"), directory.file("etc/handlers.d")]
        return places
    }

    /// Writes a file such as `etc/handlers.d/mail.conf`, below directories that come with it.
    func write(_ text: String, to name: String, mode: mode_t = 0o644) throws {
        let parent = directory.file(name).split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: "/\(parent)", withIntermediateDirectories: true)
        try directory.write(text, to: name, mode: mode)
    }

    func loader(
        _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> ConfigurationLoader {
        ConfigurationLoader(
            flags: try Flags(arguments), environment: environment, places: places)
    }

    /// Loads what must be good.
    func load(
        _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> LoadedConfiguration {
        try loader(arguments, environment).load().get()
    }

    /// What is wrong, without the name of the directory.
    func problems(
        _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> [String] {
        let problems =
            switch try loader(arguments, environment).load() {
            case .success(let loaded): loaded.warnings
            case .failure(let errors): errors.problems
            }
        return problems.map {
            $0.description.replacingOccurrences(of: "\(directory.path)/", with: "")
        }
    }

    /// Where a setting comes from, without the name of the directory.
    func source(
        of setting: String, _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> String {
        let source = try load(arguments, environment).sources[setting] ?? .builtIn
        return "\(source)".replacingOccurrences(of: "\(directory.path)/", with: "")
    }
}
