import LinuxSystem

/// `jobqueuectl` without the process around it: arguments in, texts and an exit status out. Blocks
/// until the daemon has answered.
package struct ControlTool {
    /// What the program finds when it is started.
    package struct Surroundings {
        package var environment: [String: String]
        /// Whether standard output is a terminal.
        package var isTerminal: Bool
        /// Unix milliseconds.
        package var now: Int64
        /// Reads standard input to its end, or until it is longer than so many bytes.
        package var input: (_ limit: Int) throws(SystemError) -> [UInt8]
        /// Reads the next piece of standard input; empty at the end.
        package var nextInput: () throws(SystemError) -> [UInt8] = { () throws(SystemError) in [] }
        /// Writes to standard output what is too much to be kept until the end; `nil`: it is kept.
        package var write: (([UInt8]) throws -> Void)?

        /// Writes to standard error what is to be read before the end; `nil`: it is kept.
        package var tell: ((String) -> Void)?
        /// Has an interrupt (SIGINT, SIGTERM) say this before it ends the program.
        package var whenInterrupted: (String) -> Void = { _ in }
        /// Milliseconds by a clock that is never set.
        package var clock: () -> Int64 = { 0 }
        /// An id that no other job has; `nil`: the daemon makes one.
        package var newID: () -> String? = { nil }

        /// Whether a file is there that a socket may be.
        package var exists: (_ path: String) -> Bool = { FileStatus.exists($0) }
        /// How much of the terminal is to be seen; `nil`: it does not tell.
        package var windowSize: () -> Terminal.Size? = { nil }
        /// Takes the terminal for a page that is shown anew; `isPlain`: it cannot be steered.
        package var takeTerminal: (_ isPlain: Bool) -> Void = { _ in }
        package var giveBackTerminal: () -> Void = {}
        /// Waits until the page is to be shown anew.
        package var nextLook: () -> NextLook = { .end }

        package init(
            environment: [String: String], isTerminal: Bool, now: Int64,
            input: @escaping (_ limit: Int) throws(SystemError) -> [UInt8]
        ) {
            self.environment = environment
            self.isTerminal = isTerminal
            self.now = now
            self.input = input
        }
    }

    /// What comes after a page of `top`.
    package enum NextLook: Sendable {
        /// It is time for what is there now, Unix milliseconds.
        case at(Int64)
        /// The same page in another window.
        case again
        /// Nobody looks any more.
        case end
    }

    /// What the program leaves.
    package struct Result: Equatable, Sendable {
        package var output = ""
        package var errors = ""
        package var status = ExitStatus.done

        package init() {}
    }

    /// What the program's exit status says.
    package enum ExitStatus: Int32, Sendable {
        case done = 0
        /// Refused, or not found; of a job that was waited for: it is dead.
        case refused = 1
        /// The id was enqueued before: nothing was added.
        case known = 3
        /// Another job holds the unique key: nothing was added.
        case duplicate = 4
        /// What was waited for is gone: it was deleted, or its end was not kept.
        case gone = 5
        /// What was waited for has not ended within the time.
        case notYet = 6
        /// EX_USAGE
        case usage = 64
        /// EX_DATAERR: the job is not acceptable.
        case badJob = 65
        /// EX_UNAVAILABLE: no daemon answers; of a job that was to be waited for: its end cannot be learnt.
        case noDaemon = 69
    }

    let surroundings: Surroundings
    let palette: Palette
    var now: Int64 { surroundings.now }
    var result = Result()

    /// Carries out what `arguments` ask for; the program's own name is not among them.
    ///
    /// - Parameter arguments: In bytes, as the system hands them over.
    package static func run(_ arguments: [[UInt8]], in surroundings: Surroundings) -> Result {
        var texts: [String] = []
        for argument in arguments {
            guard let text = String(validating: argument, as: UTF8.self) else {
                var tool = ControlTool(surroundings)
                let shown = String(decoding: argument, as: UTF8.self)
                tool.fail(
                    "the argument '\(shown)' is not UTF-8\nTry: jobqueuectl --help", .usage)
                return tool.result
            }
            texts.append(text)
        }
        return run(texts, in: surroundings)
    }

    package static func run(_ arguments: [String], in surroundings: Surroundings) -> Result {
        var tool = ControlTool(surroundings)
        do {
            try tool.carryOut(try Invocation(arguments))
        } catch let error as ControlClientError {
            tool.fail("\(error)\(error.hint)", error.exitStatus)
        } catch let error as WaitFailure {
            tool.fail("\(error.cause)\(error.cause.hint)", error.exitStatus)
        } catch let error as UsageError {
            tool.fail("\(error)\nTry: jobqueuectl --help", .usage)
        } catch {
            tool.fail("\(error)", .refused)
        }
        return tool.result
    }

    private init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        palette = Palette(
            isTerminal: surroundings.isTerminal, environment: surroundings.environment)
    }

    mutating func fail(_ message: String, _ status: ExitStatus) {
        let lines = message.split(separator: "\n").map { TerminalText.escaped(String($0)) }
        result.errors += "jobqueuectl: \(lines.joined(separator: "\n"))\n"
        result.status = status
    }

    private mutating func carryOut(_ invocation: Invocation) throws {
        switch invocation.command {
        case .help(let topic): result.output = CommandName.help(about: topic)
        case .version: result.output = "jobqueuectl \(ControlVersion.current)\n"
        default:
            let path =
                invocation.socket
                ?? SocketPath.standard(
                    environment: surroundings.environment, exists: surroundings.exists)
            try ask(invocation, at: path)
        }
    }
}

extension ControlClientError {
    /// What a shell makes of a payload that was meant to be a string.
    fileprivate var hint: String {
        guard case .answered(.invalidJob(let reason)) = self,
            reason.contains("malformed JSON at byte 0")
        else { return "" }
        return "; a string needs its quotes: --payload '\"text\"'"
    }

    var exitStatus: ControlTool.ExitStatus {
        switch self {
        case .cannotConnect(_, .pathTooLong), .cannotConnect(_, .pathUnusable): .usage
        case .answered(.invalidJob), .tooLong: .badJob
        default: meansNoDaemon ? .noDaemon : .refused
        }
    }
}
