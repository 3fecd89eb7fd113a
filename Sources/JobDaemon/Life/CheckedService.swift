import LinuxSystem

/// What `--check` says of a configuration that is good by itself, and is not under the packaged unit.
enum CheckedService {
    static func warnings(about loaded: LoadedConfiguration) -> [ConfigurationProblem] {
        shortWait(loaded) + loaded.handlers.flatMap(hiddenPaths)
    }

    /// A start that fails is tried again and again, and the service manager counts.
    private static func shortWait(_ loaded: LoadedConfiguration) -> [ConfigurationProblem] {
        let wait = loaded.options.brokerWait
        let shortest = Daemon.shortestFailingStart
        guard case .redis = loaded.options.address, wait < shortest else { return [] }
        return [
            ConfigurationProblem(
                loaded.sources["Broker.Wait"] ?? .builtIn,
                "Wait=\(wait.spanText) counts as \(shortest.spanText) under systemd: a service may "
                    + "start ten times within a minute, and then stays down",
                isWarning: true)
        ]
    }

    private static func hiddenPaths(_ handler: HandlerFile) -> [ConfigurationProblem] {
        let definition = handler.definition
        let paths =
            [("Exec", definition.executable)]
            + (definition.workingDirectory.map { [("WorkingDirectory", $0)] } ?? [])
        return paths.compactMap { key, path in
            guard let place = HandlerValues.hiddenPlace(of: path) else { return nil }
            let line = handler.entries.first { $0.key == key && !$0.value.isEmpty }?.line
            return ConfigurationProblem(
                .file(path: handler.path, line: line),
                "\(key)=: \(path) is below \(place), where the packaged service sees nothing: move it, or "
                    + "set ProtectHome= in a drop-in (systemctl edit jobqueued)",
                isWarning: true)
        }
    }
}
