import JobQueue

/// Reads the command line and the environment: flags over environment over defaults.
package enum DaemonCommandLine {
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: such as `JQ_CONCURRENCY` and `RUNTIME_DIRECTORY`.
    package static func parse(
        _ arguments: [String], environment: [String: String]
    ) throws(DaemonOptionsError) -> DaemonCommand {
        let flags = try Flags(arguments)
        if flags.switches.contains("--help") { return .showHelp }
        if flags.switches.contains("--version") { return .showVersion }

        var options = DaemonOptions()
        // With several runtime directories the first is the daemon's own.
        if let directory = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first {
            options.controlPath = "\(directory)/control.sock"
        }
        options.isDemo = flags.switches.contains("--demo")
        options.allowsEviction = flags.switches.contains("--allow-eviction")
        var wrong: [String] = []
        for setting in Setting.all {
            if let text = flags.values[setting.flag] {
                if let reason = setting.apply(text, &options) {
                    wrong.append("\(setting.flag): \(reason)")
                }
            } else if let text = environment[setting.environment], !text.isEmpty {
                if let reason = setting.apply(text, &options) {
                    wrong.append("\(setting.environment): \(reason)")
                }
            }
        }
        guard wrong.isEmpty else { throw DaemonOptionsError(isUsage: false, lines: wrong) }
        return flags.switches.contains("--check") ? .check(options) : .run(options)
    }

    /// The text of `--help`.
    package static var help: String {
        let rows =
            Setting.all.map { ("\($0.flag) \($0.placeholder)", "\($0.help) [\($0.environment)]") }
            + switches.map { ($0.flag, $0.help) }
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

    fileprivate static let switches = [
        (flag: "--allow-eviction", help: "accept a Redis that may evict keys at maxmemory"),
        (flag: "--demo", help: "register the demo's handlers"),
        (flag: "--check", help: "check the settings, start nothing"),
        (flag: "--version", help: "print the version"),
        (flag: "--help", help: "print this"),
    ]
}

/// A command line taken apart: `--flag value`, `--flag=value` and switches.
private struct Flags {
    private(set) var values: [String: String] = [:]
    private(set) var switches: Set<String> = []

    init(_ arguments: [String]) throws(DaemonOptionsError) {
        var wrong: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let halves = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            if DaemonCommandLine.switches.contains(where: { $0.flag == name }), halves.count == 1 {
                switches.insert(name)
            } else if Setting.all.contains(where: { $0.flag == name }) {
                if let value = halves.count == 2 ? String(halves[1]) : rest.popFirst() {
                    values[name] = value
                } else {
                    wrong.append("\(name) needs a value")
                }
            } else {
                wrong.append("unknown argument '\(Self.shown(argument))'; see jobqueued --help")
            }
        }
        guard wrong.isEmpty else { throw DaemonOptionsError(isUsage: true, lines: wrong) }
    }

    /// What may be said of an argument that is not known: an address with a password may stand in it.
    private static func shown(_ argument: String) -> String {
        guard argument.contains("@") else { return argument }
        return argument.hasPrefix("--") ? "\(argument.prefix { $0 != "=" && $0 != "@" })…" : "…@…"
    }
}
