import CMicrohttpd
import EventLoop
import Glibc

/// A small HTTP/1.1 server for scrapes and health checks. Wraps libmicrohttpd.
///
/// It answers `GET` and `HEAD` from one handler, keeps no file and no state, and is built to be
/// reachable by anyone: it accepts connections itself, and when all places are taken it closes the
/// connection that was of use longest ago, so that clients that sit there cannot keep a scrape out.
package actor HTTPServer {
    /// Makes the answer to one request. Runs on the loop: it may wait, not block. It is cancelled
    /// when its client is gone, its time is over, or the server stops.
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    /// The port that was bound.
    package nonisolated let port: UInt16

    let loop: EventLoop
    let limits: HTTPServerLimits
    let handler: Handler
    private var listener: HTTPListener?
    private var library: Microhttpd?
    private var arrivals: IOSource?
    private var activity: IOSource?
    private var nextTurn: TimerSource?
    private var acceptAgain: TimerSource?
    private var isAccepting = true
    var places = Places<OpaquePointer>()
    var exchanges = Exchanges()
    var paceTimer: TimerSource?
    /// How many requests may still be taken up before the timer gives leave to others.
    var paceLeft: Int
    /// Requests that wait for that.
    var line: [UInt64] = []

    /// Makes a server that accepts nobody yet; see `start()`. Clients can connect already: they wait.
    package init(
        loop: EventLoop, listener: consuming HTTPListener, limits: HTTPServerLimits = .init(),
        handler: @escaping Handler
    ) {
        self.loop = loop
        self.limits = limits
        self.handler = handler
        paceLeft = max(1, limits.pace)
        port = listener.port
        self.listener = consume listener
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        loop.asUnownedSerialExecutor()
    }

    // MARK: - Life

    /// Serves until `stop()`, which must be called: the server keeps itself alive until then.
    package func start() throws(HTTPServerError) {
        guard library == nil, let socket = listener?.descriptor else { return }
        let library = try Microhttpd(reportingTo: self, limits: limits)
        do {
            arrivals = try IOSource(loop: loop, descriptor: socket, events: .readable) { _ in
                self.assumeIsolated { $0.accept() }
            }
            activity = try IOSource(
                loop: loop, descriptor: library.pollDescriptor, events: .readable
            ) { _ in
                self.assumeIsolated { $0.turn() }
            }
            nextTurn = try TimerSource(loop: loop) { self.assumeIsolated { $0.turn() } }
            paceTimer = try TimerSource(loop: loop) { self.assumeIsolated { $0.takeFromLine() } }
            acceptAgain = try TimerSource(loop: loop) {
                self.assumeIsolated { $0.setAccepting(true) }
            }
        } catch {
            dropSources()
            throw .cannotStart(reason: "\(error)")
        }
        self.library = consume library
    }

    /// Closes the socket and every connection, and cancels what the handler still does.
    package func stop() {
        dropSources()
        listener = nil
        for exchange in exchanges.endAll() where exchange.isSuspended {
            // The library must not be stopped while a connection is suspended.
            MHD_resume_connection(exchange.connection)
        }
        library = nil
    }

    /// The sources hold the server: without them it can go.
    private func dropSources() {
        arrivals = nil
        activity = nil
        nextTurn = nil
        acceptAgain = nil
        paceTimer = nil
    }

    // MARK: - Connections

    /// Lets in who waits, a few at a time, so that the loop's other work has its turn.
    private func accept() {
        defer { turn() }
        for _ in 0..<16 {
            if places.count >= limits.connections {
                // Nobody is closed for nobody.
                guard listener?.someoneWaits == true else { return }
                // All are being answered: the first that is done lets the next one in.
                guard makeRoom() else { return setAccepting(false) }
            }
            switch listener?.accept() {
            case .connection(let connection): library?.add(connection)
            case .shortage:
                if makeRoom() { continue }
                setAccepting(false)
                // Others hold the descriptors: nothing here tells when one is free again.
                return setTimer(after: .seconds(1)) { try acceptAgain?.set(after: $0) }
            case .some(.none), nil: return
            }
        }
    }

    /// Closes the connection that was of use the longest ago.
    ///
    /// - Returns: whether a place is free now.
    private func makeRoom() -> Bool {
        // First let requests be read that are there, and answers be sent that are made.
        turn()
        guard let connection = places.leastUseful else { return false }
        let count = places.count
        // The library finds the connection closed, and frees it.
        shutdown(cmicrohttpd_socket(connection), Int32(SHUT_RDWR))
        turn()
        return places.count < count
    }

    /// Whether newcomers are let in; those who come meanwhile wait in the listening socket's queue.
    func setAccepting(_ accepts: Bool) {
        guard accepts != isAccepting else { return }
        do {
            try arrivals?.watch(accepts ? .readable : [])
            isAccepting = accepts
        } catch {
            // epoll_ctl(2) fails for lack of memory alone: as it is, the next event tries again.
        }
    }

    func connectionStarted(_ connection: OpaquePointer) {
        places.add(connection)
    }

    func connectionEnded(_ connection: OpaquePointer) {
        places.remove(connection)
        setAccepting(true)
    }

    /// The server that was handed to the library as its context.
    static func from(_ context: UnsafeMutableRawPointer?) -> HTTPServer {
        guard let context else { preconditionFailure("libmicrohttpd lost its context") }
        return Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    }

    // MARK: - Turning

    /// Lets the library do what can be done now, and sees to it that it is called when it has to be.
    func turn() {
        library?.turn()
        if let delay = library?.nextTurn {
            setTimer(after: delay) { try nextTurn?.set(after: $0) }
        }
    }

    private func setTimer(after delay: Duration, _ set: (Duration) throws -> Void) {
        do {
            try set(delay)
        } catch {
            // A timer that exists can be set. Were it not so, the next event would turn the library.
        }
    }
}
