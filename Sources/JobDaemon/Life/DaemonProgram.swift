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
public enum DaemonProgram {
    /// The version that `--version` and the metrics tell.
    public static let version = ControlVersion.current

    /// Reads the command line and the environment, runs the daemon, and ends the process.
    ///
    /// Call it first thing in `main`, on the main thread, before any other thread exists: it blocks
    /// the signals that it handles.
    public static func run(_ handlers: HandlerRegistry = HandlerRegistry()) -> Never {
        ProcessSignals.block(Daemon.signals)
        ProcessSignals.ignoreBrokenPipes()
        // Before anything raises them.
        _ = DescriptorLimit.atStart
        let code = start(handlers, Array(CommandLine.arguments.dropFirst()))
        exit(code.rawValue)
    }

    private static func start(_ handlers: HandlerRegistry, _ arguments: [String]) -> ExitCode {
        let environment = ProcessInfo.processInfo.environment
        do {
            if arguments == [SuspectMode.argument] { return try SuspectMode.run(handlers) }
            let command = try DaemonCommandLine.parse(arguments, environment: environment)
            switch command {
            case .showHelp:
                try say(DaemonCommandLine.help)
                return .success
            case .showVersion:
                try say("jobqueued \(version)\n")
                return .success
            case .check(let loaded):
                tell(loaded.warnings)
                var options = loaded.options
                try takeCredential(environment, &options)
                try say("the settings are good; broker: \(options.address.name)\n")
                return .success
            case .showConfiguration(let loaded):
                tell(loaded.warnings)
                try say("\(ShownConfiguration(loaded))")
                return .success
            case .run(let loaded, let loader):
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

    /// Standard output, which may be a file on a full disk: an answer that nobody gets is a failure.
    private static func say(_ text: String) throws(LineOutputError) {
        try LineOutput(descriptor: STDOUT_FILENO).write(Array(text.utf8))
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
        guard let bytes = FileManager.default.contents(atPath: path),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw StartFailure(.configuration, "cannot read the credential \(path)") }
        // Editors end a file with a line break, which is not the password's.
        address.password = text.last?.isNewline == true ? String(text.dropLast()) : text
        options.address = .redis(address)
    }

    /// The main thread only waits: everything happens on the loop's thread and on Swift's own.
    private static func runDaemon(
        _ handlers: HandlerRegistry, _ options: DaemonOptions, _ passed: PassedSockets,
        _ source: Reloader.Source
    ) throws -> ExitCode {
        let loop = try EventLoop()
        let log = try LogWriter.start(level: options.logLevel)
        let daemon = Daemon(
            loop: loop, handlers: handlers, options: options, source: source, passed: passed,
            log: log)
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

    private static func tell(_ warnings: [ConfigurationProblem]) {
        for warning in warnings { report(warning.report) }
    }

    private static func complain(_ reason: String) { report("jobqueued: \(reason)") }

    private static func report(_ line: String) {
        // When standard error is closed, the exit code has to do.
        try? LineOutput.standardError.write(Array("\(line)\n".utf8))
    }
}
