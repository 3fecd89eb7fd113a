import HTTPServer
import JobQueue
import RedisBroker
import SQLiteBroker

/// One thing that can be set, by a flag or in the environment, and what is allowed.
struct Setting: Sendable {
    let flag: String
    let environment: String
    /// What stands for the value in `--help`.
    let placeholder: String
    let help: String
    /// Checks the value and sets it; returns what is wrong, else `nil`.
    let apply: @Sendable (_ text: String, _ options: inout DaemonOptions) -> String?

    static let all: [Setting] = [
        Setting(
            flag: "--addr", environment: "JQ_REDIS_ADDR", placeholder: "ADDRESS",
            help: "host:port, redis://[user:pass@]host:port/db, unix:PATH or sqlite:PATH "
                + "(localhost:6379)"
        ) { text, options in
            do {
                options.address = try BrokerAddress(parsing: text)
                return nil
            } catch {
                return String(describing: error)
            }
        },
        Setting(
            flag: "--concurrency", environment: "JQ_CONCURRENCY", placeholder: "N",
            help: "jobs that run at the same time, 1 to 10000 (10)"
        ) { text, options in
            guard let number = Int(text), (1...10_000).contains(number) else {
                return "'\(text)' must be a number of 1 to 10000"
            }
            options.concurrency = number
            return nil
        },
        Setting(
            flag: "--queues", environment: "JQ_QUEUES", placeholder: "LIST",
            help: "a,b: a always before b; a:6,b:1: by weight (default)"
        ) { text, options in
            do {
                options.schedule = try QueueSchedule(parsing: text)
                return nil
            } catch {
                return String(describing: error)
            }
        },
        Setting(
            flag: "--namespace", environment: "JQ_NAMESPACE", placeholder: "NAME",
            help: "first part of every key (jq)"
        ) { text, options in
            guard Keys.isNamespace(text) else {
                return "'\(text)' must be 1 to 64 of A-Z a-z 0-9 _ . -, beginning with a letter "
                    + "or digit"
            }
            options.namespace = text
            return nil
        },
        Setting(
            flag: "--metrics-addr", environment: "JQ_METRICS_ADDR", placeholder: "ADDRESS",
            help: "where /metrics, /healthz and /stats are served: [HOST]:PORT (:2112)"
        ) { text, options in
            do {
                _ = try ListenAddress(text)
                options.metricsAddress = text
                return nil
            } catch {
                return String(describing: error)
            }
        },
        Setting(
            flag: "--control", environment: "JQ_CONTROL", placeholder: "PATH",
            help:
                "the control socket ($RUNTIME_DIRECTORY/control.sock, /run/jobqueued/control.sock)"
        ) { text, options in
            guard text.hasPrefix("/"), text.utf8.count <= 107 else {
                return "'\(text)' must be an absolute path of at most 107 bytes"
            }
            options.controlPath = text
            return nil
        },
        Setting(
            flag: "--durability", environment: "JQ_DURABILITY", placeholder: "WHEN",
            help: "sqlite: an enqueue is answered when it is on the disk (full) or written (normal)"
        ) { text, options in
            guard let durability = Durability(rawValue: text) else {
                return "'\(text)' must be full or normal"
            }
            options.durability = durability
            return nil
        },
        span(
            "--lease", "JQ_LEASE", "how long a silent worker keeps its jobs (15s)",
            .milliseconds(500)...(.seconds(3600)), \.lease),
        span(
            "--drain-timeout", "JQ_DRAIN_TIMEOUT",
            "how long running jobs may finish at a stop (30s)",
            .zero...(.seconds(86_400)), \.drainTimeout),
        span(
            "--kill-grace", "JQ_KILL_GRACE",
            "how long a cancelled handler may take to return (10s)",
            .zero...(.seconds(3600)), \.killGrace),
        span(
            "--broker-wait", "JQ_BROKER_WAIT", "how long to wait at start for Redis (1min)",
            .zero...(.seconds(86_400)), \.brokerWait),
        Setting(
            flag: "--log-level", environment: "JQ_LOG_LEVEL", placeholder: "LEVEL",
            help: "error, warning, notice, info or debug (info)"
        ) { text, options in
            guard let level = LogLevel(name: text) else {
                return "'\(text)' must be error, warning, notice, info or debug"
            }
            options.logLevel = level
            return nil
        },
    ]

    private static func span(
        _ flag: String, _ environment: String, _ help: String,
        _ range: ClosedRange<Duration>,
        _ path: any WritableKeyPath<DaemonOptions, Duration> & Sendable
    ) -> Setting {
        Setting(flag: flag, environment: environment, placeholder: "SPAN", help: help) {
            text, options in
            guard let span = Duration(span: text) else {
                return "'\(text)' must be a span such as 500ms, 30s, 5min or 1h"
            }
            guard range.contains(span) else {
                return "'\(text)' must be between \(range.lowerBound.brief) and "
                    + "\(range.upperBound.brief)"
            }
            options[keyPath: path] = span
            return nil
        }
    }
}
