import Glibc

/// A client of a `FaultProxy`, and the server's side for it.
struct ProxiedConnection {
    private let client: Int32
    private let server: Int32
    /// The client's alone is closed: what it sent may still have to go on.
    private var clientIsClosed = false
    private(set) var isOver = false
    /// Nothing goes through any more, and neither side is told.
    private(set) var isSilent = false
    var requests: ProxiedFlow
    var replies: ProxiedFlow

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
        requests = ProxiedFlow(source: client, sink: server)
        replies = ProxiedFlow(source: server, sink: client)
    }

    /// What `poll` should look at.
    var polled: [pollfd] { isSilent ? [] : [requests, replies].flatMap(\.polled) }

    /// Both sides are done with.
    mutating func closeWhenDone() {
        guard !isOver, requests.isDone, replies.isDone else { return }
        end(.close)
    }

    mutating func end(_ ending: FaultProxy.Ending) {
        guard !isOver else { return }
        switch ending {
        case .close, .reset:
            for descriptor in clientIsClosed ? [server] : [client, server] {
                if ending == .reset {
                    var hard = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(
                        descriptor, SOL_SOCKET, SO_LINGER, &hard,
                        socklen_t(MemoryLayout<linger>.size))
                }
                close(descriptor)
            }
            isOver = true
        case .clientSide:
            guard !clientIsClosed else { return }
            requests.endSource()
            replies.loseSink()
            close(client)
            clientIsClosed = true
        case .silence: isSilent = true
        case .halfClose:
            shutdown(client, Int32(SHUT_WR))
            replies.loseSink()
        }
    }
}

/// The bytes of one direction, and where they are.
struct ProxiedFlow {
    private struct Chunk {
        var bytes: ArraySlice<UInt8>
        let due: ContinuousClock.Instant
    }

    private let source: Int32
    private let sink: Int32
    private var chunks: [Chunk] = []
    private var sourceHasEnded = false
    private var sinkIsLost = false
    private var sinkWasTold = false

    init(source: Int32, sink: Int32) {
        self.source = source
        self.sink = sink
    }

    var isDone: Bool { sourceHasEnded && (sinkWasTold || sinkIsLost) }

    /// When something that waits here must go on.
    func nextDue(isStalled: Bool) -> ContinuousClock.Instant? {
        isStalled ? nil : chunks.first?.due
    }

    var polled: [pollfd] {
        sourceHasEnded ? [] : [pollfd(fd: source, events: Int16(POLLIN), revents: 0)]
    }

    mutating func endSource() { sourceHasEnded = true }

    mutating func loseSink() {
        sinkIsLost = true
        chunks = []
    }

    /// Takes in what the source has sent.
    ///
    /// - Returns: how many bytes came.
    mutating func receive(_ treatment: inout FaultProxy.Treatment) -> Int {
        var total = 0
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !sourceHasEnded {
            let count = recv(source, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { break }
            if count <= 0 {
                sourceHasEnded = true
                break
            }
            total += count
            take(buffer[..<count], &treatment)
            if treatment == .cut(after: 0) { break }
        }
        return total
    }

    private mutating func take(
        _ bytes: ArraySlice<UInt8>, _ treatment: inout FaultProxy.Treatment
    ) {
        var bytes = bytes
        var due = ContinuousClock.now
        switch treatment {
        case .pass, .stall: break
        case .drop: return
        case .delay(let delay): due += delay
        case .cut(let rest):
            bytes = bytes.prefix(rest)
            treatment = .cut(after: rest - bytes.count)
        case .replace(let old, let new):
            bytes = Array(bytes).replacing(Array(old.utf8), with: Array(new.utf8))[...]
        }
        if !sinkIsLost, !bytes.isEmpty { chunks.append(Chunk(bytes: bytes, due: due)) }
    }

    /// Passes on what is due.
    mutating func send(isStalled: Bool) {
        let now = ContinuousClock.now
        while !isStalled, !sinkIsLost, let chunk = chunks.first, chunk.due <= now {
            let count = chunk.bytes.withUnsafeBytes {
                Glibc.send(
                    sink, $0.baseAddress, $0.count,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else { return loseSink() }
            chunks[0].bytes = chunks[0].bytes.dropFirst(count)
            if chunks[0].bytes.isEmpty { chunks.removeFirst() }
        }
        if sourceHasEnded, chunks.isEmpty, !sinkWasTold, !sinkIsLost {
            shutdown(sink, Int32(SHUT_WR))
            sinkWasTold = true
        }
    }
}
