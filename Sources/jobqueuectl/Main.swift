import Glibc
import JobControl
import LinuxSystem

/// The client of the control socket: see `ControlTool`, which does everything but touch the process.
@main
enum Main {
    static func main() {
        StandardStreams.hold()
        ProcessSignals.ignoreBrokenPipes()
        var surroundings = ControlTool.Surroundings(
            environment: ControlTool.environment, isTerminal: Terminal.isOutput,
            now: SystemClock.unixMilliseconds()
        ) { limit throws(SystemError) in
            try standardInput.readToEnd(limit: limit)
        }
        surroundings.nextInput = { () throws(SystemError) in
            guard case .bytes(let bytes) = try standardInput.read(atMost: 64 * 1024) else {
                return []
            }
            return bytes
        }
        surroundings.write = { try LineOutput(descriptor: STDOUT_FILENO).write($0) }
        surroundings.tell = { print(Array($0.utf8), to: STDERR_FILENO) }
        surroundings.whenInterrupted = Interrupt.say
        surroundings.clock = { Int64(clamping: SystemClock.monotonicNanoseconds() / 1_000_000) }
        let random = SystemRandom()
        surroundings.newID = {
            let digits = [random.bits(), random.bits()].map { number in
                let text = String(number, radix: 16)
                return String(repeating: "0", count: 16 - text.count) + text
            }
            return digits.joined()
        }
        surroundings.windowSize = { Terminal.size }
        surroundings.takeTerminal = { Terminal.take(isPlain: $0) }
        surroundings.giveBackTerminal = { Terminal.giveBack() }
        surroundings.nextLook = nextLook
        let result = ControlTool.run(ProcessArguments.bytes(), in: surroundings)
        print(Array(result.output.utf8), to: STDOUT_FILENO)
        print(Array(result.errors.utf8), to: STDERR_FILENO)
        exit(result.status.rawValue)
    }

    /// A second later, or as the keys and signals say.
    private static func nextLook() -> ControlTool.NextLook {
        while true {
            switch Terminal.wait(atMost: .seconds(1)) {
            case .key(UInt8(ascii: "q")), .key(UInt8(ascii: "Q")): return .end
            case .key: continue
            case .signal: return .again
            case .time: return .at(SystemClock.unixMilliseconds())
            }
        }
    }

    private static let standardInput = FileDescriptor(owning: STDIN_FILENO)

    private static func print(_ text: [UInt8], to descriptor: Int32) {
        if text.isEmpty { return }
        do {
            try LineOutput(descriptor: descriptor).write(text)
        } catch {
            // Whoever read it has seen enough, as in `jobqueuectl dead | head`: a quiet end.
            if error.errno == EPIPE { exit(ControlTool.ExitStatus.done.rawValue) }
            if descriptor != STDERR_FILENO {
                print(Array("jobqueuectl: \(error)\n".utf8), to: STDERR_FILENO)
            }
            exit(ControlTool.ExitStatus.refused.rawValue)
        }
    }
}
