import EventLoop
import LinuxSystem

/// Writes a child's standard input as fast as it reads, for as long as it does. Lives on the loop.
final class InputFeed {
    private let loop: EventLoop
    private var watch: IOSource?
    private var pipe: Pipe
    private var rest: ArraySlice<UInt8>
    /// Whether more may come.
    private var staysOpen: Bool
    /// How much was not read when the input was ended.
    private(set) var unread = 0

    /// Fills a pipe. What fits in it needs nothing more, and its writing end is closed already, unless
    /// it stays open.
    init(_ bytes: [UInt8], staysOpen: Bool, loop: EventLoop) throws(SystemError) {
        self.loop = loop
        self.staysOpen = staysOpen
        pipe = try Pipe()
        rest = bytes[...]
        try pipe.writing?.setNonBlocking()
        write()
    }

    /// For the child that is started.
    func giveChildsEnd() -> FileDescriptor? { pipe.reading.take() }

    /// The child has its end now: writes the rest as it reads.
    func start() throws(EventLoopError) {
        guard let number = pipe.writing?.number else { return }
        watch = try IOSource(loop: loop, descriptor: number, events: wanted) { [weak self] ready in
            // Nobody reads it any more. That is told again and again, whatever is asked for.
            if ready.contains(.failure) { self?.close() } else { self?.write() }
        }
    }

    /// Sends more.
    ///
    /// - Returns: whether there is still somebody who may read it.
    func send(_ bytes: [UInt8]) -> Bool {
        guard pipe.writing != nil, staysOpen else { return false }
        rest += bytes
        write()
        return pipe.writing != nil
    }

    /// Ends the input when all that was sent is read.
    func finish() {
        staysOpen = false
        if rest.isEmpty { close() }
    }

    /// Ends the input, whatever is left of it.
    func close() {
        watch = nil
        // A pipe that cannot be looked into may as well have been read.
        if let inPipe = try? pipe.writing?.bytesWaiting() { unread = inPipe + rest.count }
        pipe.writing = nil
        rest = []
    }

    private var wanted: IOEvents { rest.isEmpty ? [] : .writable }

    private func write() {
        while !rest.isEmpty {
            // A pipe fails in no other way than by having no reader, which is the child's affair.
            switch try? pipe.writing?.write(rest) {
            case .sent(let count): rest = rest.dropFirst(count)
            case .full: return watchOn()
            case .disconnected, nil: return close()
            }
        }
        rest = []
        if staysOpen { watchOn() } else { close() }
    }

    /// A watch that cannot be changed (out of memory) leaves the child without its input.
    private func watchOn() {
        do { try watch?.watch(wanted) } catch { close() }
    }
}
