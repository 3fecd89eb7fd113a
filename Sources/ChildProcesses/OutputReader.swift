import EventLoop
import LinuxSystem

/// Reads one output of a child, all of it, and keeps what is wanted. Lives on the loop.
final class OutputReader {
    private let loop: EventLoop
    private var watch: IOSource?
    private var pipe: Pipe
    private var sink: OutputSink

    init(_ use: OutputUse, loop: EventLoop) throws(SystemError) {
        self.loop = loop
        sink = OutputSink(use)
        if case .dropped = use {
            pipe = try Pipe(toNobody: ())
        } else {
            pipe = try Pipe()
            try pipe.reading?.setNonBlocking()
        }
    }

    /// For the child that is started.
    func giveChildsEnd() -> FileDescriptor? { pipe.writing.take() }

    /// The child has its end now: reads as it writes.
    func start() throws(EventLoopError) {
        guard let number = pipe.reading?.number else { return }
        watch = try IOSource(loop: loop, descriptor: number, events: .readable) { [weak self] _ in
            _ = self?.read()
        }
    }

    /// Reads what lies in the pipe when the child has ended. More than that is somebody else's, who
    /// may go on for ever.
    ///
    /// - Returns: whether somebody else still holds the pipe.
    func readRest() -> Bool {
        // When the pipe cannot be looked into it is read all the same.
        var left = (try? pipe.reading?.bytesWaiting()) ?? 0
        while let count = read() {
            if left < 0 || count == 0 { return true }
            left -= count
        }
        return false
    }

    /// See `OutputSink.renew`.
    func renew(total: Int) -> Int { sink.renew(total: total) }

    /// Ends the reading.
    ///
    /// - Returns: what was kept.
    func close() -> KeptOutput {
        watch = nil
        pipe.reading = nil
        return sink.end()
    }

    /// - Returns: how many bytes there were at the moment; `nil` when nobody can write any more.
    private func read() -> Int? {
        // A pipe that cannot be read is as good as closed.
        switch try? pipe.reading?.read(atMost: Self.slice) {
        case .bytes(let bytes):
            sink.take(bytes)
            return bytes.count
        case .nothingYet: return 0
        case .end, nil:
            watch = nil
            if pipe.reading != nil {
                pipe.reading = nil
                sink.close()
            }
            return nil
        }
    }

    /// What a pipe holds, unless somebody has made it larger.
    private static let slice = 64 << 10
}
