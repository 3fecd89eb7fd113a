import JobQueue
import LinuxSystem
import Systemd

/// Reads the configuration anew while the daemon works, when a signal or an operator asks for it. What is
/// bad changes nothing. Jobs that run are not touched: what is new holds for those that start.
actor Reloader {
    /// What came of a reload.
    enum Result: Sendable, Equatable {
        /// What an administrator should know all the same, a line each.
        case done(warnings: [String])
        /// Everything that is wrong, a line each.
        case refused(errors: [String])
        /// The daemon drains, and what is new would hold for nothing.
        case stopping
    }

    /// Where the configuration comes from, and what was read there last.
    struct Source: Sendable {
        let loader: ConfigurationLoader
        var options: DaemonOptions
    }

    private let bell: Bell
    private let stop: StopSwitch
    private let apply: @Sendable (DaemonOptions) async -> [String]
    private let notifier: ServiceNotifier
    private let log: any LogSink
    nonisolated let state: ConfigurationState
    private var source: Source
    /// Whether the service manager is told; not before the daemon is ready.
    private var isAnnouncing = false
    private var isReloading = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - bell: Rings when a signal asks.
    ///   - state: is told how each ends.
    ///   - apply: Makes what can change while the daemon works as these options say; returns what should
    ///     be told of it, a line each.
    init(
        _ source: Source, bell: Bell, stop: StopSwitch,
        notifier: ServiceNotifier, log: any LogSink, state: ConfigurationState,
        apply: @escaping @Sendable (DaemonOptions) async -> [String]
    ) {
        self.source = source
        self.bell = bell
        self.stop = stop
        self.notifier = notifier
        self.log = log
        self.state = state
        self.apply = apply
    }

    /// Reloads whenever a signal asks, until the task is cancelled. To be called when the daemon is
    /// ready.
    func run() async {
        isAnnouncing = true
        while !Task.isCancelled {
            await bell.wait()
            if !Task.isCancelled { _ = await reload(askedBy: "SIGHUP") }
        }
    }

    /// Reads everything anew and, when all of it is good, lets it hold. One at a time.
    ///
    /// - Parameter who: for the log.
    func reload(askedBy who: String) async -> Result {
        while isReloading { await withCheckedContinuation { waiting.append($0) } }
        isReloading = true
        defer {
            isReloading = false
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
        guard stop.reason == nil else { return refuseToStop(who) }
        if isAnnouncing { notifier.reloading() }
        let loaded = await load()
        // What is told now would stand over the status of the drain.
        guard stop.reason == nil else { return refuseToStop(who) }
        switch loaded {
        case .success(let loaded): return await take(loaded, who)
        case .failure(let errors): return refuse(errors, who)
        }
    }

    /// Reads everything as `reload` does, and changes nothing.
    ///
    /// - Returns: what a reload would say: `done`, where it would take it.
    func check() async -> Result {
        switch await load() {
        case .success(let loaded):
            var new = loaded.options
            return .done(warnings: loaded.warnings.map(\.description) + warningOfFixed(in: &new))
        case .failure(let errors):
            return .refused(errors: errors.problems.map(\.description))
        }
    }

    /// Files may be slow: this is no work for the loop.
    private func load() async -> Swift.Result<LoadedConfiguration, ConfigurationErrors> {
        let loader = source.loader
        do {
            return try await BackgroundThread.perform(named: "configuration") { loader.load() }
        } catch {
            let problem = ConfigurationProblem(.file(path: "configuration", line: nil), "\(error)")
            return .failure(ConfigurationErrors(problems: [problem]))
        }
    }

    /// Puts back what cannot change while the daemon works, and says so.
    private func warningOfFixed(in new: inout DaemonOptions) -> [String] {
        let fixed = source.options.keepingWhatIsFixed(in: &new)
        return fixed.isEmpty
            ? [] : ["\(fixed.joined(separator: ", ")): what is new holds after a restart"]
    }

    private func refuseToStop(_ who: String) -> Result {
        log.write(
            LogRecord(
                level: .notice,
                message: "the configuration was not read anew (\(who)): the daemon is stopping"))
        return .stopping
    }

    private func take(_ loaded: LoadedConfiguration, _ who: String) async -> Result {
        var new = loaded.options
        let warnings = loaded.warnings.map(\.description) + warningOfFixed(in: &new)
        let notes = await apply(new)
        source.options = new
        state.wasRead()
        for warning in warnings { log.write(LogRecord(level: .warning, message: warning)) }
        for note in notes { log.write(LogRecord(level: .notice, message: note)) }
        log.write(
            LogRecord(
                level: .notice, messageID: .configurationReloaded,
                message: "the configuration was read anew (\(who)): "
                    + "\(new.commands.count) handler files"))
        if isAnnouncing { notifier.ready() }
        return .done(warnings: warnings + notes)
    }

    private func refuse(_ errors: ConfigurationErrors, _ who: String) -> Result {
        let lines = errors.problems.map(\.description)
        for line in lines { log.write(LogRecord(level: .error, message: line)) }
        log.write(
            LogRecord(
                level: .error, messageID: .configurationRefused,
                message: "the configuration was not read anew (\(who)): it has errors, and what "
                    + "held before still holds"))
        state.wasRefused()
        if isAnnouncing { notifier.ready(status: ConfigurationState.refusal) }
        return .refused(errors: lines)
    }
}

extension DaemonOptions {
    /// Puts back in `new` what cannot change while the daemon works.
    ///
    /// - Returns: the settings that were to change, by section and name.
    func keepingWhatIsFixed(in new: inout DaemonOptions) -> [String] {
        var changed: [String] = []
        func keep<Value: Equatable>(
            _ name: String, _ path: WritableKeyPath<DaemonOptions, Value>
        ) {
            guard new[keyPath: path] != self[keyPath: path] else { return }
            new[keyPath: path] = self[keyPath: path]
            changed.append(name)
        }
        keep("[Broker] Addr", \.address)
        keep("[Broker] Durability", \.durability)
        keep("[Broker] Namespace", \.namespace)
        keep("[Broker] Lease", \.lease)
        keep("[Broker] AllowEviction", \.allowsEviction)
        keep("[Daemon] Concurrency", \.concurrency)
        keep("[Daemon] Queues", \.schedule)
        keep("[Queue] Concurrency", \.queueConcurrency)
        keep("[Daemon] MetricsAddr", \.metricsAddress)
        keep("[Daemon] Control", \.controlPath)
        keep("[Daemon] DrainTimeout", \.drainTimeout)
        keep("[Daemon] KillGrace", \.killGrace)
        return changed
    }
}
