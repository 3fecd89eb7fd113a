import EventLoop
import FoundationEssentials
import Glibc
import JobQueue
import LinuxSystem
import Synchronization

/// The hidden mode in which this program runs one handler and answers on standard output. It opens no
/// socket and knows no broker. Its parent is the daemon; it dies with it.
enum SuspectMode {
    /// The only argument. Whoever gives it by hand gets an error: there is no order to read.
    static let argument = "--run-suspect"

    /// Reads an order, runs it, answers.
    static func run(_ source: HandlerSource) throws -> ExitCode {
        ProcessSignals.dieWithParent()
        let order = try readOrder()
        guard let job = order.job else { throw misuse }
        let output = try StandardStreams.takeOutput()
        let made = try source.wait()
        let loop = try EventLoop()
        let handlers = Handlers.complete(
            made, isDemo: order.isDemo, clock: LoopClock(loop: loop), loop: loop)
        guard let entry = handlers.entry(for: job.type) else {
            throw StartFailure(.software, "no handler for type \(job.type)")
        }
        let kept = order.keepsResult ? KeptResult() : nil
        let context = JobContext(
            log: Logger(sink: SuspectLog(level: LogLevel(name: order.logLevel) ?? .info)),
            timeout: .milliseconds(order.timeoutMilliseconds), result: kept)
        _ = try output.write(Array("\(SuspectAnswer.beginning)\n".utf8)[...])
        let answer = Mutex<SuspectAnswer?>(nil)
        // `loop.run()` below waits for this task: it stops the loop as its last act.
        Task(executorPreference: loop) {
            let came = await attempt(entry.handler, job, context, kept, loop)
            answer.withLock { $0 = came }
            loop.stop()
        }
        loop.run()
        // Reasons and results have their limits, and the daemon reads.
        let bytes = Array(try JSONEncoder().encode(answer.withLock { $0 }))
        _ = try output.write(bytes[...])
        return .success
    }

    /// Only the daemon that has started this process may give an order. Where it has died before
    /// `dieWithParent` could hold, somebody else is the parent now.
    private static func readOrder() throws -> SuspectOrder {
        // A person would wait for an end that only they can give.
        guard isatty(STDIN_FILENO) == 0 else { throw misuse }
        let input = try StandardStreams.takeInput().readToEnd(limit: orderLimit)
        guard let order = try? JSONDecoder().decode(SuspectOrder.self, from: Data(input)),
            order.daemon == getppid()
        else { throw misuse }
        return order
    }

    private static let misuse = StartFailure(
        .usage, "\(argument) is for the daemon's own use; see --help")

    /// Runs the handler where handlers run. SIGTERM cancels it.
    private static func attempt(
        _ handler: @escaping JobHandler, _ job: Job, _ context: JobContext, _ kept: KeptResult?,
        _ loop: EventLoop
    ) async -> SuspectAnswer {
        let task = Task(executorPreference: globalConcurrentExecutor) {
            try await handler(job, context)
        }
        do {
            let watch = try await StopWatch(loop: loop) { task.cancel() }
            let result = await task.result
            await watch.end()
            try result.get()
            return .done(result: kept?.payload?.text)
        } catch {
            return SuspectAnswer(thrown: error)
        }
    }

    /// A payload in JSON once more, with all else.
    private static let orderLimit = 64 << 20
}

/// Hears SIGTERM.
private actor StopWatch {
    private let loop: EventLoop
    private var source: SignalSource?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: EventLoop, _ stop: @escaping @Sendable () -> Void) async throws {
        self.loop = loop
        source = try SignalSource(loop: loop, signal: SIGTERM) { stop() }
    }

    func end() { source = nil }
}
