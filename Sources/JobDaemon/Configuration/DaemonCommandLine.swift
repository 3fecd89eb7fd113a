/// What the command line asks for.
package enum DaemonCommand: Sendable {
    /// The loader reads the same places again.
    case run(LoadedConfiguration, ConfigurationLoader)
    /// Look at everything, start nothing.
    case check(LoadedConfiguration)
    /// Print what holds and where it comes from.
    case showConfiguration(LoadedConfiguration)
    case showHelp
    case showVersion
}

/// Reads the command line, and what it asks for: flags over environment over files over defaults.
package enum DaemonCommandLine {
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: such as `JQ_CONCURRENCY` and `RUNTIME_DIRECTORY`.
    ///   - places: the files that are read where no `--config` names another one.
    package static func parse(
        _ arguments: [String], environment: [String: String],
        places: ConfigurationPlaces = .system
    ) throws(DaemonOptionsError) -> DaemonCommand {
        let flags = try Flags(arguments)
        if flags.switches.contains("--help") { return .showHelp }
        if flags.switches.contains("--version") { return .showVersion }
        let loader = ConfigurationLoader(flags: flags, environment: environment, places: places)
        switch loader.load() {
        case .success(let loaded):
            if flags.switches.contains("--check") { return .check(loaded) }
            if flags.switches.contains("--show-config") { return .showConfiguration(loaded) }
            return .run(loaded, loader)
        case .failure(let errors):
            throw DaemonOptionsError(problems: errors.problems)
        }
    }

    /// The text of `--help`.
    package static var help: String {
        let settings = Setting.all.compactMap { setting in
            setting.flag.map { flag in
                (
                    "\(flag) \(setting.placeholder)",
                    "\(setting.help) [\(setting.environment ?? "")]"
                )
            }
        }
        let rows =
            settings + [("\(Flags.config) PATH", configHelp)]
            + [("\(Flags.checkUser) NAME", checkUserHelp)]
            + Flags.known.map { ($0.flag, $0.help) }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        let lines = rows.map { row in
            "  " + row.0 + String(repeating: " ", count: width - row.0.count) + row.1
        }
        return """
            Usage: jobqueued [FLAG…]
            Runs jobs from Redis or from an SQLite file. See jobqueuectl(1) for how to watch and steer it.

            \(lines.joined(separator: "\n"))

            """
    }

    private static let checkUserHelp =
        "the user for whom --check looks, when root asks (jobqueued)"

    private static let configHelp =
        "the configuration file, with PATH.d/*.conf and handlers.d/*.conf beside it "
        + "(\(ConfigurationPlaces.systemMain))"
}
