import EventLoop
import LinuxSystem

/// Writes a child's standard input as fast as it reads, for as long as it does. Lives on the loop.
final class InputFeed {
    private let loop: EventLoop
    private var watch: IOSource?
    private var pipe: Pipe
    private var rest: ArraySlice<UInt8>

    /// Fills a pipe. What fits in it needs nothing more, and its writing end is closed already.
    init(_ bytes: [UInt8], loop: EventLoop) throws(SystemError) {
        self.loop = loop
        pipe = try Pipe()
        rest = bytes[...]
        try pipe.writing?.setNonBlocking()
        write()
    }

    /// To lend to the child that is started.
    var childsEnd: Int32 { pipe.reading?.number ?? -1 }

    /// The child has its end now: writes the rest as it reads.
    func start() throws(EventLoopError) {
        pipe.reading = nil
        guard let number = pipe.writing?.number else { return }
        watch = try IOSource(loop: loop, descriptor: number, events: .writable) { [weak self] _ in
            self?.write()
        }
    }

    /// Ends the input, whatever is left of it.
    func close() {
        watch = nil
        pipe.writing = nil
        rest = []
    }

    private func write() {
        while !rest.isEmpty {
            // A pipe fails in no other way than by having no reader, which is the child's affair.
            switch try? pipe.writing?.write(rest) {
            case .sent(let count): rest = rest.dropFirst(count)
            case .full: return
            case .disconnected, nil: rest = []
            }
        }
        close()
    }
}
