import EventLoop
import LinuxSystem

/// The three standard streams of a child, our side of them. Lives on the loop.
final class Streams {
    let input: InputFeed
    private let output: OutputReader
    private let errors: OutputReader

    /// - Parameter more: What was sent to its input already.
    init(
        _ command: ChildCommand, sent more: [UInt8], loop: EventLoop
    ) throws(ChildProcessError) {
        do throws(SystemError) {
            input = try InputFeed(
                command.input + more, staysOpen: command.inputStaysOpen, loop: loop)
            output = try OutputReader(command.output, loop: loop)
            errors = try OutputReader(command.errors, loop: loop)
        } catch {
            throw ChildProcessError(error, executable: command.executable)
        }
    }

    /// For the child that is started.
    func giveChildsEnds() -> ChildsEnds {
        ChildsEnds(
            input: input.giveChildsEnd(), output: output.giveChildsEnd(),
            errors: errors.giveChildsEnd())
    }

    /// The child has its ends now.
    func start() throws(EventLoopError) {
        try input.start()
        try output.start()
        try errors.start()
    }

    /// Reads what lies in the pipe of its errors now.
    func readErrors() { _ = errors.readRest() }

    /// Begins anew to count the lines of its errors.
    func renewErrors(total: Int) -> Int { errors.renew(total: total) }

    /// Reads what the child has left in the pipes.
    ///
    /// - Returns: whether somebody else still holds one of them.
    func readRest() -> Bool {
        let isOutputHeld = output.readRest()
        let areErrorsHeld = errors.readRest()
        return isOutputHeld || areErrorsHeld
    }

    func close(end: ProcessEnd, wasStopped: Bool) -> ChildResult {
        input.close()
        return ChildResult(
            end: end, wasStopped: wasStopped, output: output.close(), errors: errors.close(),
            unreadInput: input.unread)
    }
}
