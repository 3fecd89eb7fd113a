import EventLoop
import FoundationEssentials
import Glibc
import JobControl
import JobQueue
import LinuxSystem
import Synchronization
import Systemd

/// The whole program `jobqueued`, for whoever has handlers in Swift: a site's own daemon is a `main`
/// that registers them and calls `run`.
///
///     var handlers = HandlerRegistry()
///     handlers.register("email:welcome") { job, context in … }
///     DaemonProgram.run(handlers)
///
/// A set-up that waits, for a pool of connections say, goes into `run(settingUp:)`, as no other thread may
/// be there before.
public enum DaemonProgram {
    /// The version that `--version` and the metrics tell.
    public static let version = ControlVersion.current

    /// Reads the command line and the environment, runs the daemon, and ends the process.
    ///
    /// Call it first thing in `main`, on the main thread, before any other thread exists: it blocks
    /// the signals that it handles. Where a thread exists that they would strike, it says so and ends the
    /// process, as a daemon that cannot drain loses the runs of its jobs.
    public static func run(_ handlers: HandlerRegistry = HandlerRegistry()) -> Never {
        run(.ready(handlers))
    }

    /// The same for handlers whose set-up waits for something.
    ///
    ///     DaemonProgram.run {
    ///         let pool = try await connect()
    ///         var handlers = HandlerRegistry()
    ///         handlers.register("email:welcome") { job, context in … }
    ///         handlers.onShutdown { await pool.close() }
    ///         return handlers
    ///     }
    ///
    /// - Parameter setUp: Called once, when the settings were found good and signals are heard: a SIGTERM
    ///   meanwhile cancels it. What it throws is logged and ends the process with 69, so that a service
    ///   manager tries again.
    public static func run(
        settingUp setUp: @escaping @Sendable () async throws -> HandlerRegistry
    ) -> Never {
        run(.madeBy(setUp))
    }

    private static func run(_ handlers: HandlerSource) -> Never {
        StandardStreams.hold()
        ProcessSignals.block(Daemon.signals)
        ProcessSignals.ignoreBrokenPipes()
        DescriptorLimit.raise()
        RuntimeLog.silence()
        let code = start(handlers, Array(CommandLine.arguments.dropFirst()))
        exit(code.rawValue)
    }

    private static func start(_ handlers: HandlerSource, _ arguments: [String]) -> ExitCode {
        let environment = ProcessInfo.processInfo.environment
        do {
            if arguments == [SuspectMode.argument] {
                try refuseOtherThreads()
                return try SuspectMode.run(handlers)
            }
            let checkedUser = try CheckedUser.become(try Flags(arguments))
            let command = try DaemonCommandLine.parse(arguments, environment: environment)
            switch command {
            case .showHelp: return try show(DaemonCommandLine.help)
            case .showVersion: return try show("jobqueued \(version)\n")
            case .check(let loaded):
                tell(loaded.warnings + CheckedService.warnings(about: loaded))
                var options = loaded.options
                try takeCredential(environment, &options)
                return try show(
                    "the settings are good\(checkedUser.text); broker: \(options.address.name)\n")
            case .showConfiguration(let loaded):
                tell(loaded.warnings)
                return try show("\(ShownConfiguration(loaded))")
            case .run(let loaded, let loader):
                try refuseOtherThreads()
                tell(loaded.warnings)
                var options = loaded.options
                #if FAILPOINTS
                    try FailPointSwitch.activate(environment)
                #endif
                try takeCredential(environment, &options)
                let passed = try PassedSockets(SocketActivation.take())
                return try runDaemon(
                    handlers, options, passed,
                    Reloader.Source(loader: loader, options: loaded.options))
            }
        } catch let error as DaemonOptionsError {
            for line in error.reports { report(line) }
            return error.isUsage ? .usage : .configuration
        } catch {
            complain(String(describing: error))
            return (error as? StartFailure)?.code ?? .software
        }
    }

    /// A signal that strikes another thread would end the process, and no job would finish.
    private static func refuseOtherThreads() throws {
        let threads = try ProcessSignals.threadsStruck(by: Daemon.signals)
        guard threads > 0 else { return }
        throw StartFailure(
            .software,
            "\(threads == 1 ? "a thread was" : "\(threads) threads were") started before "
                + "DaemonProgram.run, so SIGTERM would end the process without a drain; call it "
                + "first thing in main, and do what waits (await) in DaemonProgram.run { … }")
    }

    /// Prints what was asked for. Whoever reads no further has seen enough; what cannot be written
    /// otherwise is a failure.
    private static func show(_ text: String) throws -> ExitCode {
        do throws(LineOutputError) {
            try LineOutput.standardOutput.write(Array(text.utf8))
        } catch {
            guard error.errno == EPIPE else {
                throw StartFailure(.software, "cannot write to standard output: \(error.reason)")
            }
        }
        return .success
    }

    /// The password that systemd hands over (`LoadCredential=redis-password:…`), where the address has
    /// none.
    private static func takeCredential(
        _ environment: [String: String], _ options: inout DaemonOptions
    ) throws(StartFailure) {
        guard let directory = environment["CREDENTIALS_DIRECTORY"],
            case .redis(var address) = options.address, address.password == nil
        else { return }
        let path = "\(directory)/redis-password"
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw StartFailure(.configuration, "cannot read the credential \(path)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw StartFailure(.configuration, "the credential \(path) is not text in UTF-8")
        }
        let password = Self.password(in: text)
        guard !password.isEmpty else {
            throw StartFailure(
                .configuration,
                "the credential \(path) is empty; put Redis's password there, or take the line "
                    + "LoadCredential=redis-password away")
        }
        address.password = password
        options.address = .redis(address)
    }

    /// Editors end a file with line breaks, and some begin it with a mark of their encoding: these are not
    /// the password's.
    static func password(in text: String) -> String {
        var text = Substring(text)
        while text.last?.isNewline == true { text = text.dropLast() }
        let scalars = text.unicodeScalars
        return String(scalars.first == "\u{FEFF}" ? Substring(scalars.dropFirst()) : text)
    }

    /// The main thread only waits: everything happens on the loop's thread and on Swift's own.
    private static func runDaemon(
        _ handlers: HandlerSource, _ options: DaemonOptions, _ passed: PassedSockets,
        _ source: Reloader.Source
    ) throws -> ExitCode {
        let plan = try DescriptorPlan(options)
        try checkAddressSpace()
        let loop = try EventLoop()
        let log = try LogWriter.start(level: options.logLevel)
        for warning in plan.warnings { log.write(LogRecord(level: .warning, message: warning)) }
        let threads = try ThreadPool()
        try SharedPool.open()
        let daemon = Daemon(
            loop: loop, handlers: handlers, options: options, source: source, passed: passed,
            plan: plan, threads: threads, log: log)
        let result = Mutex(ExitCode.software)
        // `loop.run()` below waits for this task: it stops the loop as its last act.
        Task(executorPreference: loop) {
            let code = await daemon.run()
            result.withLock { $0 = code }
            loop.stop()
        }
        loop.run()
        log.flush(within: .seconds(2))
        return result.withLock { $0 }
    }

    /// Swift's runtime ends the process when it gets no memory: better not begin.
    private static func checkAddressSpace() throws {
        let stacks = 2 * ProcessInfo.processInfo.activeProcessorCount * (8 << 20)
        let least = UInt64((160 << 20) + stacks)
        guard let limit = try ProcessStatistics.addressSpaceLimit(), limit < least else { return }
        throw StartFailure(
            .configuration,
            "this process may have \(limit >> 20) MiB of address space (LimitAS=), and needs at least "
                + "\(least >> 20) MiB; limit the memory that is used by MemoryMax= instead")
    }

    private static func tell(_ warnings: [ConfigurationProblem]) {
        for warning in warnings { report(warning.report) }
    }

    private static func complain(_ reason: String) { report("jobqueued: \(reason)") }

    private static func report(_ line: String) {
        // When standard error is closed, the exit code has to do.
        try? LineOutput.standardError.write(Array("\(line)\n".utf8))
    }
}
