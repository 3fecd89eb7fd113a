import ExecHandler
import JobQueue

/// What a handler file has said so far.
struct HandlerDraft {
    var pattern: JobTypePattern?
    var words: [String] = []
    var isPersistent = false
    var maxJobs: Int?
    var retryBase: Duration?
    var retryMax: Duration?
    /// Everything that stands for itself.
    var definition: CommandDefinition
}

/// A key of a handler file, and what is allowed.
struct HandlerKey: Sendable {
    let name: String
    /// Whether it may be given more than once, and gathers.
    var isRepeatable: Bool { name == "Environment" }
    let apply: @Sendable (_ text: String, _ draft: inout HandlerDraft) throws(ValueError) -> Void

    private init(
        _ name: String,
        _ apply: @escaping @Sendable (String, inout HandlerDraft) throws(ValueError) -> Void
    ) {
        self.name = name
        self.apply = apply
    }

    /// Keys of former versions, and what to write instead.
    static let retired = [
        "MemoryMax": "LimitAS= now: it limits the address space of each process by itself",
        "CPUMax": "LimitCPU= now: it limits the processor time of each process by itself",
    ]

    private static let day = Duration.seconds(86_400)

    /// Every key, in the order of the manual.
    static let all: [HandlerKey] = [
        HandlerKey("Type") { text, draft throws(ValueError) in
            guard let pattern = JobTypePattern(text) else {
                throw ValueError(
                    "'\(text)' must be a type of job, or its beginning and a *: a letter or digit, "
                        + "then A-Z a-z 0-9 _ . : -, 128 at most")
            }
            draft.pattern = pattern
        },
        HandlerKey("Exec") { text, draft throws(ValueError) in
            draft.words = try WordSplitting.words(of: text)
        },
        HandlerKey("Mode") { text, draft throws(ValueError) in
            draft.isPersistent = try ValueReading.choice(
                text, ["once": false, "persistent": true])
        },
        HandlerKey("MaxJobs") { text, draft throws(ValueError) in
            draft.maxJobs = try ValueReading.number(text, 1...1_000_000_000)
        },
        HandlerKey("Timeout") { text, draft throws(ValueError) in
            draft.definition.options.timeout = try ValueReading.span(
                text, .milliseconds(1)...day * 7)
        },
        HandlerKey("MaxAttempts") { text, draft throws(ValueError) in
            draft.definition.options.maxAttempts = try ValueReading.number(text, 1...1_000_000)
        },
        HandlerKey("Concurrency") { text, draft throws(ValueError) in
            draft.definition.concurrency = try ValueReading.number(text, 1...10_000)
        },
        HandlerKey("RetryBase") { text, draft throws(ValueError) in
            draft.retryBase = try ValueReading.span(text, .zero...day)
        },
        HandlerKey("RetryMax") { text, draft throws(ValueError) in
            draft.retryMax = try ValueReading.span(text, .zero...day * 30)
        },
        HandlerKey("Environment") { text, draft throws(ValueError) in
            draft.definition.environment.merge(try HandlerValues.environment(text)) { $1 }
        },
        HandlerKey("WorkingDirectory") { text, draft throws(ValueError) in
            draft.definition.workingDirectory = try HandlerValues.directory(text)
        },
        HandlerKey("SuccessExitStatus") { text, draft throws(ValueError) in
            draft.definition.successStatuses = try HandlerValues.statuses(text)
        },
        HandlerKey("DeadExitStatus") { text, draft throws(ValueError) in
            draft.definition.deadStatuses = try HandlerValues.statuses(text)
        },
        HandlerKey("Nice") { text, draft throws(ValueError) in
            draft.definition.nice = try ValueReading.number(text, -20...19)
        },
        HandlerKey("UMask") { text, draft throws(ValueError) in
            draft.definition.umask = try HandlerValues.umask(text)
        },
        HandlerKey("OOMScoreAdjust") { text, draft throws(ValueError) in
            draft.definition.oomScore = try ValueReading.number(text, -1000...1000)
        },
        HandlerKey("LimitAS") { text, draft throws(ValueError) in
            draft.definition.addressSpace = try ValueReading.size(text, (1 << 20)...(1 << 50))
        },
        HandlerKey("LimitCPU") { text, draft throws(ValueError) in
            let span = try ValueReading.span(text, .seconds(1)...day * 30)
            guard span.components.attoseconds == 0 else {
                throw ValueError("'\(text)' must be whole seconds")
            }
            draft.definition.processorTime = span
        },
        HandlerKey("LimitNOFILE") { text, draft throws(ValueError) in
            draft.definition.openFiles = try HandlerValues.descriptors(text)
        },
        HandlerKey("Result") { text, draft throws(ValueError) in
            draft.definition.result = try ValueReading.choice(
                text, ["keep": .keep, "drop": .drop])
        },
        HandlerKey("Retention") { text, draft throws(ValueError) in
            draft.definition.options.retention = try ValueReading.span(
                text, EnvelopeLimits.retention)
        },
    ]
}
