import JobControl

/// A command line taken apart: `--flag value`, `--flag=value` and switches.
package struct Flags: Sendable {
    private(set) var values: [String: String] = [:]
    private(set) var switches: Set<String> = []
    /// Those that were given a value more than once.
    private(set) var repeated: [String] = []

    /// Throws when there is something in it that is not known; nothing is said of the values.
    package init(_ arguments: [String]) throws(DaemonOptionsError) {
        let valued = Set(Setting.all.compactMap(\.flag) + [Self.config, Self.checkUser])
        var wrong: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let halves = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            if Self.known.contains(where: { $0.flag == name }), halves.count == 1 {
                switches.insert(name)
            } else if valued.contains(name) {
                if halves.count == 2 {
                    take(String(halves[1]), for: name)
                } else if let next = rest.first, next.hasPrefix("--") {
                    // Most likely the value was forgotten.
                    wrong.append(
                        "\(name) needs a value, and \(Self.shown(next)) looks like a flag; a value that "
                            + "begins so is written \(name)=VALUE")
                } else if let value = rest.popFirst() {
                    take(value, for: name)
                } else {
                    wrong.append("\(name) needs a value")
                }
            } else {
                let known = Array(valued) + Self.known.map(\.flag)
                wrong.append(
                    "unknown argument '\(Self.shown(argument))'; see jobqueued --help"
                        + Suggestion.text(for: name, among: known.sorted()))
            }
        }
        guard wrong.isEmpty else { throw DaemonOptionsError(usage: wrong) }
    }

    /// Of a flag that is given twice the last counts, as a drop-in's `ExecStart=` may repeat one.
    private mutating func take(_ value: String, for name: String) {
        if values.updateValue(value, forKey: name) != nil, !repeated.contains(name) {
            repeated.append(name)
        }
    }

    /// What may be said of an argument that is not known: an address with a password may stand in it.
    private static func shown(_ argument: String) -> String {
        guard argument.contains("@") else { return argument }
        return argument.hasPrefix("--") ? "\(argument.prefix { $0 != "=" && $0 != "@" })…" : "…@…"
    }

    /// Names the configuration file.
    static let config = "--config"

    /// Names the user for whom `--check` looks.
    static let checkUser = "--check-user"

    /// Those without a value, with what `--help` says of them.
    static let known = [
        (flag: "--allow-eviction", help: "accept a Redis that may evict keys at maxmemory"),
        (flag: "--demo", help: "register the demo's handlers"),
        (flag: "--check", help: "check settings and files, name everything wrong, start nothing"),
        (flag: "--show-config", help: "print what is set and where, start nothing"),
        (flag: "--version", help: "print the version"),
        (flag: "--help", help: "print this"),
    ]
}
