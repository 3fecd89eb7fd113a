import Glibc
import JobControl
import LinuxSystem

/// The client of the control socket: see `ControlTool`, which does everything but touch the process.
@main
enum Main {
    static func main() {
        ProcessSignals.ignoreBrokenPipes()
        let surroundings = ControlTool.Surroundings(
            environment: ControlTool.environment, isTerminal: isatty(STDOUT_FILENO) == 1,
            now: SystemClock.unixMilliseconds()
        ) { limit throws(SystemError) in
            try FileDescriptor(owning: STDIN_FILENO).readToEnd(limit: limit)
        }
        let result = ControlTool.run(Array(CommandLine.arguments.dropFirst()), in: surroundings)
        print(result.output, to: STDOUT_FILENO)
        print(result.errors, to: STDERR_FILENO)
        exit(result.status.rawValue)
    }

    private static func print(_ text: String, to descriptor: Int32) {
        if text.isEmpty { return }
        do {
            try LineOutput(descriptor: descriptor).write(Array(text.utf8))
        } catch {
            // Whoever read it has seen enough, as in `jobqueuectl dead | head`: a quiet end.
            if error.errno == EPIPE { return }
            if descriptor != STDERR_FILENO {
                print("jobqueuectl: \(error)\n", to: STDERR_FILENO)
            }
            exit(ControlTool.ExitStatus.refused.rawValue)
        }
    }
}
