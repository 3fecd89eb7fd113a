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

        /// Waits a while, and tells the time then, Unix milliseconds; `nil`: nobody looks any more.
        package var nextLook: () -> Int64? = { nil }

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
        /// Refused, or not found.
        case refused = 1
        /// EX_USAGE
        case usage = 64
        /// EX_UNAVAILABLE: no daemon answers.
        case noDaemon = 69
    }

    let surroundings: Surroundings
    let palette: Palette
    var now: Int64 { surroundings.now }
    var result = Result()

    /// Carries out what `arguments` ask for; the program's own name is not among them.
    package static func run(_ arguments: [String], in surroundings: Surroundings) -> Result {
        var tool = ControlTool(surroundings)
        do {
            try tool.carryOut(try Invocation(arguments))
        } catch let error as ControlClientError {
            tool.fail("\(error)", error.exitStatus)
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

    private mutating func fail(_ message: String, _ status: ExitStatus) {
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
                ?? SocketPath.standard(environment: surroundings.environment)
            try ask(invocation, at: path)
        }
    }
}

extension ControlClientError {
    fileprivate var exitStatus: ControlTool.ExitStatus {
        switch self {
        case .cannotConnect(_, .pathTooLong), .cannotConnect(_, .pathUnusable): .usage
        default: meansNoDaemon ? .noDaemon : .refused
        }
    }
}
