import HTTPServer
import JobQueue
import RedisBroker
import SQLiteBroker

extension Setting {
    /// Every setting, in the order of the manual.
    static let all: [Setting] = [
        .value(
            "Broker", "Addr", "--addr", "JQ_REDIS_ADDR", placeholder: "ADDRESS",
            help: "host:port, redis://[user:pass@]host:port/db, unix:PATH[?db=N&user=NAME] "
                + "or sqlite:PATH (localhost:6379)", \.address,
            read: { text throws(ValueError) in
                try ValueError.from { try BrokerAddress(parsing: text) }
            },
            show: \.shown),
        .value(
            "Daemon", "Concurrency", "--concurrency", "JQ_CONCURRENCY", placeholder: "N",
            help: "jobs that run at the same time, 1 to 10000 (10)", \.concurrency,
            read: { text throws(ValueError) in try ValueReading.number(text, 1...10_000) },
            show: \.description),
        .value(
            "Daemon", "Queues", "--queues", "JQ_QUEUES", placeholder: "LIST",
            help: "a,b: a always before b; a:6,b:1: by weight (default)", \.schedule,
            read: { text throws(ValueError) in
                try ValueError.from { try QueueSchedule(parsing: text) }
            },
            show: \.text),
        .value(
            "Broker", "Namespace", "--namespace", "JQ_NAMESPACE", placeholder: "NAME",
            help: "first part of every key (jq)", \.namespace,
            read: { text throws(ValueError) in
                guard Keys.isNamespace(text) else {
                    throw ValueError(
                        "'\(text)' must be 1 to 64 of A-Z a-z 0-9 _ . -, beginning with a letter "
                            + "or digit")
                }
                return text
            }, show: { $0 }),
        .value(
            "Daemon", "MetricsAddr", "--metrics-addr", "JQ_METRICS_ADDR", placeholder: "ADDRESS",
            help:
                "where /metrics, /healthz and /stats are served: [HOST]:PORT, unix:PATH or off (:2112)",
            \.metricsAddress,
            read: { text throws(ValueError) in
                _ = try MetricsAddress(text)
                return text
            }, show: { $0 }),
        .value(
            "Daemon", "Control", "--control", "JQ_CONTROL", placeholder: "PATH",
            help:
                "the control socket ($RUNTIME_DIRECTORY/control.sock, /run/jobqueued/control.sock)",
            \.controlPath,
            read: { text throws(ValueError) in
                guard text.hasPrefix("/"), text.utf8.count <= 107 else {
                    throw ValueError("'\(text)' must be an absolute path of at most 107 bytes")
                }
                return text
            }, show: { $0 }),
        .value(
            "Broker", "Durability", "--durability", "JQ_DURABILITY", placeholder: "WHEN",
            help:
                "sqlite: an enqueue is answered when it is on the disk (full) or written (normal)",
            \.durability,
            read: { text throws(ValueError) in
                guard let durability = Durability(rawValue: text) else {
                    throw ValueError("'\(text)' must be full or normal")
                }
                return durability
            }, show: \.rawValue),
        .span(
            "Broker", "Lease", "--lease", "JQ_LEASE",
            help: "how long a silent worker keeps its jobs (15s)",
            .milliseconds(500)...(.seconds(3600)), \.lease),
        .span(
            "Daemon", "DrainTimeout", "--drain-timeout", "JQ_DRAIN_TIMEOUT",
            help: "how long running jobs may finish at a stop (30s)",
            .zero...(.seconds(86_400)), \.drainTimeout),
        .span(
            "Daemon", "KillGrace", "--kill-grace", "JQ_KILL_GRACE",
            help: "how long a cancelled handler may take to return (10s)",
            .zero...(.seconds(3600)), \.killGrace),
        .span(
            "Broker", "Wait", "--broker-wait", "JQ_BROKER_WAIT",
            help: "how long to wait at start for Redis (1min)",
            .zero...(.seconds(86_400)), \.brokerWait),
        .value(
            "Daemon", "LogLevel", "--log-level", "JQ_LOG_LEVEL", placeholder: "LEVEL",
            help: "error, warning, notice, info or debug (info)", \.logLevel,
            read: { text throws(ValueError) in
                guard let level = LogLevel(name: text) else {
                    throw ValueError("'\(text)' must be error, warning, notice, info or debug")
                }
                return level
            }, show: \.name),
        allowEviction,
        .value(
            "Queue", "NoHandler", "--no-handler", "JQ_NO_HANDLER", placeholder: "RULE",
            help: "a job without a handler: dead at once, or retry (dead)", \.noHandler,
            read: { text throws(ValueError) in
                try ValueReading.choice(text, ["dead": .dead, "retry": .retry])
            }, show: \.rawValue),
        .value(
            "Queue", "DeadMax", "--dead-max", "JQ_DEAD_MAX", placeholder: "N",
            help: "dead letters that are kept in each queue (infinity)", \.deadLimits.count,
            read: { text throws(ValueError) in try ValueReading.deadMax(text) },
            show: { $0?.description ?? ValueReading.infinity }),
        .value(
            "Queue", "DeadMaxAge", "--dead-max-age", "JQ_DEAD_MAX_AGE", placeholder: "SPAN",
            help: "how long a dead letter is kept (infinity)", \.deadLimits.age,
            read: { text throws(ValueError) in try ValueReading.deadMaxAge(text) },
            show: { $0?.spanText ?? ValueReading.infinity }),
        .span("Retry", "Base", nil, nil, .zero...(.seconds(86_400)), \.retry.base),
        .span("Retry", "Max", nil, nil, .zero...(.seconds(30 * 86_400)), \.retry.max),
        .value(
            "Retry", "MaxAttempts", nil, nil, \.retry.maxAttempts,
            read: { text throws(ValueError) in try ValueReading.number(text, 1...1_000_000) },
            show: \.description),
    ]

    private static var allowEviction: Setting {
        var setting = value(
            "Broker", "AllowEviction", nil, nil,
            help: "accept a Redis that may evict keys at maxmemory",
            \.allowsEviction,
            read: { text throws(ValueError) in try ValueReading.flag(text) },
            show: { $0 ? "yes" : "no" })
        setting.switchFlag = "--allow-eviction"
        return setting
    }

    /// The sections that hold settings, in the order in which they are shown.
    static let sections = ["Daemon", "Broker", "Retry", "Queue"]
}

extension BrokerAddress {
    /// As it is written, without user and password.
    var shown: String {
        switch self {
        case .redis(let address): address.displayName
        case .sqlite(let address): address.description
        }
    }
}

extension QueueSchedule {
    /// As it is written.
    var text: String {
        entries.map { isWeighted ? "\($0.queue):\($0.weight)" : "\($0.queue)" }
            .joined(separator: ",")
    }
}
