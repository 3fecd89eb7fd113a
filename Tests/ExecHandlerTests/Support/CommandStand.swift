import ChildProcesses
import EventLoop
import JobDaemon
import JobQueue
import Synchronization
import TestSupport
import Testing

@testable import ExecHandler

/// Commands on an event loop of their own, and what they log.
struct CommandStand: Sendable {
    let loop: EventLoop
    let processes: ChildProcesses
    let log = LogLines()
    let known: KnownHandlers

    init(loop: EventLoop, processes: ChildProcesses) {
        self.loop = loop
        self.processes = processes
        known = KnownHandlers(clock: LoopClock(loop: loop))
    }

    static func run(
        _ body: @Sendable @concurrent (CommandStand) async throws -> Void
    ) async throws {
        try await withEventLoop { loop in
            let processes = try ChildProcesses(loop: loop)
            try await body(CommandStand(loop: loop, processes: processes))
        }
    }

    func definition(_ executable: String, _ arguments: [String] = []) throws -> CommandDefinition {
        var definition = CommandDefinition(
            name: "mail", pattern: try #require(JobTypePattern("mail")), executable: executable)
        definition.arguments = arguments
        return definition
    }

    func once(_ definition: CommandDefinition, grace: Duration = .seconds(60)) -> CommandHandler {
        CommandHandler(
            definition, processes: processes, known: known, grace: grace,
            clock: LoopClock(loop: loop))
    }

    /// A Python script that runs on. It has `jobs()`, which gives the payload of one after the other,
    /// and `answer()`.
    func persistent(
        _ script: String, concurrency: Int? = 1, jobs: Int? = nil, grace: Duration = .seconds(60)
    ) throws -> PersistentCommand {
        var definition = try definition("/usr/bin/python3", ["-c", Self.beginning + script])
        definition.mode = .persistent(jobs: jobs)
        definition.concurrency = concurrency
        return persistent(definition, grace: grace)
    }

    func persistent(
        _ definition: CommandDefinition, grace: Duration = .seconds(60)
    ) -> PersistentCommand {
        PersistentCommand(
            definition, processes: processes, known: known, slots: 10, grace: grace, loop: loop,
            clock: LoopClock(loop: loop), log: log)
    }

    private static let beginning = """
        import json, os, signal, sys, time
        def answer(ok=True, **more): print(json.dumps({"ok": ok, **more}), flush=True)
        def jobs():
            for line in sys.stdin: yield json.loads(line)["payload"]
        def say(text): print(text, file=sys.stderr, flush=True)

        """

    func job(_ payload: String = "null", id: String = "j1") throws -> Job {
        Job(
            id: try #require(JobID(id)), type: try #require(JobType("mail")), queue: .default,
            payload: Payload(Array(payload.utf8)), attempt: 1, maxAttempts: 5)
    }

    func context(_ job: Job) -> JobContext {
        JobContext(log: Logger(sink: log, job: job), timeout: .seconds(60))
    }
}

extension PersistentCommand {
    /// Runs a job with this payload.
    func run(_ payload: String = "null", id: String = "j1", in stand: CommandStand) async throws {
        let job = try stand.job(payload, id: id)
        while true {
            do {
                return try await run(job, stand.context(job))
            } catch let error as PutOff {
                // As a worker does it.
                try await LoopClock(loop: stand.loop).sleep(for: error.delay)
            }
        }
    }

    /// Runs a job that fails; the reason.
    func failure(
        _ payload: String = "null", in stand: CommandStand,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let failure = await #expect(throws: CommandFailure.self, sourceLocation: sourceLocation) {
            try await run(payload, in: stand)
        }
        return failure?.description ?? ""
    }
}

/// Keeps the lines of the log.
final class LogLines: LogSink {
    let records = Watched<[LogRecord]>([])
    let level = LogLevel.debug

    func write(_ record: LogRecord) { records.update { $0.append(record) } }

    var messages: [String] { records.value.map(\.message) }

    /// Awaits a line that contains `text`.
    func line(containing text: String) async throws -> LogRecord {
        let value = await records.wait(within: .patience) { lines in
            lines.contains { $0.message.contains(text) }
        }
        return try #require(value?.first { $0.message.contains(text) }, "no line has \(text)")
    }
}
