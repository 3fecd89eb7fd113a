import ExecHandler
import JobQueue

/// What `--show-config` prints: everything that holds, and where it comes from. Never a password, nor
/// the values of the variables that commands get.
struct ShownConfiguration: CustomStringConvertible {
    private let loaded: LoadedConfiguration

    init(_ loaded: LoadedConfiguration) { self.loaded = loaded }

    var description: String {
        let sections =
            Setting.sections.map(settings(in:)) + loaded.queues.sections.map(queue)
            + loaded.handlers.map(handler)
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func settings(in section: String) -> String {
        let rows = Setting.all.filter { $0.section == section }.map { setting in
            (
                setting.key, setting.show(loaded.options), source(of: setting)
            )
        }
        return Self.text(section, rows)
    }

    private func source(of setting: Setting) -> String {
        let source = loaded.sources[setting.name] ?? .builtIn
        guard setting.name == "Daemon.Queues" else { return "\(source)" }
        let weighted = loaded.queues.weighted(beside: source).map { ", [Queue \($0)] Weight=" }
        return "\(source)\(weighted.joined())"
    }

    private func queue(_ section: QueueSections.Section) -> String {
        var rows: [(String, String, String)] = []
        if let weight = section.weight {
            rows.append(("Weight", "\(weight.value)", "\(weight.source)"))
        }
        if let limit = section.concurrency {
            rows.append(("Concurrency", "\(limit.value)", "\(limit.source)"))
        }
        if let most = section.deadMax {
            let text = most.value?.description ?? ValueReading.infinity
            rows.append(("DeadMax", text, "\(most.source)"))
        }
        if let age = section.deadMaxAge {
            let text = age.value?.spanText ?? ValueReading.infinity
            rows.append(("DeadMaxAge", text, "\(age.source)"))
        }
        return Self.text("Queue \(section.queue)", rows)
    }

    private func handler(_ handler: HandlerFile) -> String {
        Self.text(
            "Handler",
            HandlerKey.all.compactMap { key in
                let entry = handler.entries.first { $0.key == key.name && !$0.value.isEmpty }
                if let entry {
                    return (
                        key.name, Self.value(of: entry, handler.definition),
                        "\(handler.path):\(entry.line)"
                    )
                }
                return Self.builtIn(key.name, loaded.options, handler.definition).map {
                    (key.name, $0, "\(SettingSource.builtIn)")
                }
            })
    }

    /// A value as it is shown where it is set.
    private static func value(
        of entry: ConfigurationText.Entry, _ definition: CommandDefinition
    ) -> String {
        guard entry.key == "Environment" else { return entry.value }
        return definition.environment.keys.sorted().map { "\($0)=…" }.joined(separator: " ")
    }

    /// A value as it is shown where nobody has set it; `nil`: there is none.
    private static func builtIn(
        _ key: String, _ options: DaemonOptions, _ definition: CommandDefinition
    ) -> String? {
        let retry = definition.options.retry ?? options.retry
        switch key {
        case "Mode": return "once"
        case "Timeout": return "30min"
        case "MaxAttempts": return "\(retry.maxAttempts)"
        case "Concurrency": return "\(options.concurrency)"
        case "RetryBase": return retry.base.spanText
        case "RetryMax": return retry.max.spanText
        case "WorkingDirectory": return "/"
        case "DeadExitStatus":
            return definition.deadStatuses.sorted().map(String.init).joined(separator: " ")
        case "Result": return "keep"
        default: return nil
        }
    }

    /// A section, with its sources in a column of their own.
    private static func text(_ section: String, _ rows: [(String, String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let lines = rows.map { ("\($0.0)=\($0.1)", $0.2) }
        let width = min(40, lines.map(\.0.count).max() ?? 0)
        return "[\(section)]\n"
            + lines.map { line, source in
                line + String(repeating: " ", count: max(0, width - line.count)) + "  # \(source)\n"
            }.joined()
    }
}
