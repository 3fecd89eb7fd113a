import JobControl
import JobQueue

/// A configuration that can be run.
package struct LoadedConfiguration: Sendable {
    /// Everything that is set, the commands of the handler files among it.
    package let options: DaemonOptions
    package let warnings: [ConfigurationProblem]
    /// Where each setting comes from, by its section and key: `Daemon.Concurrency`.
    let sources: [String: SettingSource]
    let queues: QueueSections
    let handlers: [HandlerFile]
}

/// Everything that is wrong with a configuration, warnings too, in the order of the files.
package struct ConfigurationErrors: Error, Sendable {
    package let problems: [ConfigurationProblem]
}

/// Reads the configuration: flags over environment over files over defaults. It can be asked again, and
/// reads everything anew each time.
package struct ConfigurationLoader: Sendable {
    private let flags: Flags
    private let environment: [String: String]
    private let places: ConfigurationPlaces

    /// - Parameter places: the files where no flag `--config` names another one.
    package init(flags: Flags, environment: [String: String], places: ConfigurationPlaces = .system)
    {
        self.flags = flags
        self.environment = environment
        self.places =
            flags.values[Flags.config].map(ConfigurationPlaces.init(main:))
            ?? places
    }

    /// Reads files, environment and flags, and checks everything. Touches no socket; blocks while it
    /// reads.
    package func load() -> Result<LoadedConfiguration, ConfigurationErrors> {
        var problems = oddities
        var files = SettingFiles()
        for path in places.settingFiles(&problems) {
            let file = ConfigurationFile(reading: path)
            var found = file.problems
            files.add(file, &found)
            problems += found.sorted(by: \.line)
        }
        var options = DaemonOptions()
        var sources = choose(files.values, &options, &problems)
        takeRuntimeDirectory(&options, &sources)
        checkTogether(options, sources, &problems)
        files.queues.join(&options, sources, &problems)
        let handlers = HandlerFiles.read(
            places.handlerFiles(&problems), slots: options.concurrency, retry: options.retry,
            &problems)
        options.commands = handlers.map(\.definition)

        let errors = problems.filter { !$0.isWarning }
        guard errors.isEmpty else { return .failure(ConfigurationErrors(problems: problems)) }
        return .success(
            LoadedConfiguration(
                options: options, warnings: problems, sources: sources, queues: files.queues,
                handlers: handlers))
    }

    /// What was most likely meant otherwise.
    private var oddities: [ConfigurationProblem] {
        let repeated = flags.repeated.map { flag in
            ConfigurationProblem(
                .flag(flag), "it is given more than once; the last counts", isWarning: true)
        }
        let known = Setting.all.compactMap(\.environment)
        let unknown = environment.keys.sorted().filter {
            $0.hasPrefix("JQ_") && !known.contains($0) && $0 != Self.failPoint
        }
        return repeated
            + unknown.map { name in
                ConfigurationProblem(
                    .environment(name),
                    "there is no such setting" + Suggestion.text(for: name, among: known),
                    isWarning: true)
            }
    }

    /// Read by builds for tests alone.
    private static let failPoint = "JQ_FAILPOINT"

    /// Sets each setting to what counts most.
    private func choose(
        _ written: [String: SettingFiles.Value], _ options: inout DaemonOptions,
        _ problems: inout [ConfigurationProblem]
    ) -> [String: SettingSource] {
        var sources: [String: SettingSource] = [:]
        for setting in Setting.all {
            guard let value = given(setting) ?? written[setting.name] else { continue }
            do throws(ValueError) {
                try setting.apply(value.text, &options)
                sources[setting.name] = value.source
            } catch {
                problems.append(ConfigurationProblem(value.source, error.description))
            }
        }
        return sources
    }

    /// What a flag or, without one, the environment says. An empty variable counts as not set.
    private func given(_ setting: Setting) -> SettingFiles.Value? {
        if let flag = setting.flag, let text = flags.values[flag] {
            return SettingFiles.Value(text: text, source: .flag(flag))
        }
        if let flag = setting.switchFlag, flags.switches.contains(flag) {
            return SettingFiles.Value(text: "yes", source: .flag(flag))
        }
        if let name = setting.environment, let text = environment[name], !text.isEmpty {
            return SettingFiles.Value(text: text, source: .environment(name))
        }
        return nil
    }

    /// The control socket lies in the service's runtime directory, unless it is named.
    private func takeRuntimeDirectory(
        _ options: inout DaemonOptions, _ sources: inout [String: SettingSource]
    ) {
        options.isDemo = flags.switches.contains("--demo")
        // With several directories the first is the daemon's own.
        guard sources["Daemon.Control"] == nil,
            let directory = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first
        else { return }
        options.controlPath = "\(directory)/control.sock"
        options.isControlOfService = true
        sources["Daemon.Control"] = .environment("RUNTIME_DIRECTORY")
    }

    /// What is wrong only beside another setting.
    private func checkTogether(
        _ options: DaemonOptions, _ sources: [String: SettingSource],
        _ problems: inout [ConfigurationProblem]
    ) {
        let base = options.retry.base
        let max = options.retry.max
        if base > max, let source = sources["Retry.Base"] ?? sources["Retry.Max"] {
            problems.append(
                ConfigurationProblem(
                    source,
                    "Base=\(base.spanText) is longer than Max=\(max.spanText); it must not be"))
        }
    }
}
