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

    private let loop: EventLoop
    private let limits: HTTPServerLimits
    private let handler: Handler
    private var listener: HTTPListener?
    private var library: Microhttpd?
    private var arrivals: IOSource?
    private var activity: IOSource?
    private var nextTurn: TimerSource?
    private var acceptAgain: TimerSource?
    private var isAccepting = true
    private var places: [OpaquePointer: Place] = [:]
    /// Requests that wait for their answer, by number.
    private var waiting: [UInt64: Exchange] = [:]
    /// Numbers what happens here, in order.
    private var events: UInt64 = 0

    /// Makes a server that accepts nobody yet; see `start()`. Clients can connect already: they wait.
    package init(
        loop: EventLoop, listener: consuming HTTPListener, limits: HTTPServerLimits = .init(),
        handler: @escaping Handler
    ) {
        self.loop = loop
        self.limits = limits
        self.handler = handler
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
        for exchange in waiting.values {
            exchange.task?.cancel()
            exchange.timer = nil
            // The library must not be stopped while a connection is suspended.
            if exchange.isSuspended { MHD_resume_connection(exchange.connection) }
        }
        waiting = [:]
        library = nil
    }

    /// The sources hold the server: without them it can go.
    private func dropSources() {
        arrivals = nil
        activity = nil
        nextTurn = nil
        acceptAgain = nil
    }

    // MARK: - Connections

    /// Lets in who waits, a few at a time, so that the loop's other work has its turn.
    private func accept() {
        for _ in 0..<16 {
            if places.count >= limits.connections, !makeRoom() {
                // All are being answered. The first that is done lets the next one in.
                return setAccepting(false)
            }
            switch listener?.accept() {
            case .connection(let connection): library?.add(connection)
            case .shortage:
                if makeRoom() { continue }
                setAccepting(false)
                // Others hold the descriptors: nothing here tells when one is free again.
                setTimer(after: .seconds(1)) { try acceptAgain?.set(after: $0) }
                return
            case .some(.none), nil: return turn()
            }
        }
        turn()
    }

    /// Closes the connection that was of use longest ago, idle ones before those that are still
    /// reading their answer.
    ///
    /// - Returns: whether a place is free now.
    private func makeRoom() -> Bool {
        let takeable = places.values.lazy.filter(\.canBeTaken)
        let idle = takeable.filter { $0.exchange == nil }.min { $0.lastUse < $1.lastUse }
        guard let place = idle ?? takeable.min(by: { $0.lastUse < $1.lastUse }) else {
            return false
        }
        let count = places.count
        // The library finds the connection closed, and frees it.
        shutdown(place.socket, Int32(SHUT_RDWR))
        turn()
        return places.count < count
    }

    private func setAccepting(_ accepts: Bool) {
        guard accepts != isAccepting else { return }
        do {
            try arrivals?.watch(accepts ? .readable : [])
            isAccepting = accepts
        } catch {
            // epoll_ctl(2) fails for lack of memory alone: as it is, the next event tries again.
        }
    }

    func connectionStarted(_ connection: OpaquePointer) {
        places[connection] = Place(
            socket: cmicrohttpd_socket(connection), lastUse: nextNumber(), exchange: nil)
    }

    func connectionEnded(_ connection: OpaquePointer) {
        places.removeValue(forKey: connection)
        setAccepting(true)
    }

    private func nextNumber() -> UInt64 {
        events &+= 1
        return events
    }

    // MARK: - Turning

    /// Lets the library do what can be done now, and sees to it that it is called when it has to be.
    private func turn() {
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

    // MARK: - Requests

    /// The library's question for an answer to the request on `connection`: asked when its headers
    /// are there, again when all of it is, and again for as long as there is none.
    func handle(_ connection: OpaquePointer, path: String, method: String) -> MHD_Result {
        guard let exchange = places[connection]?.exchange else {
            let exchange = Exchange(
                number: nextNumber(), connection: connection, request: HTTPRequest(path: path))
            places[connection]?.exchange = exchange
            return refuse(exchange, method: method)
        }
        if let response = exchange.response { return response.queue(on: connection) }
        if exchange.task == nil {
            begin(exchange)
        } else {
            // Only at the third time: a connection that is suspended while the library wants to read
            // from it is given up when its client has sent its last byte (`nc -N`).
            exchange.isSuspended = true
            MHD_suspend_connection(connection)
        }
        return .YES
    }

    /// Answers what no handler needs to see. The connection is closed afterwards, so that nothing
    /// that follows is read as a request.
    private func refuse(_ exchange: Exchange, method: String) -> MHD_Result {
        if method != "GET", method != "HEAD" {
            exchange.response = HTTPResponse(status: 405, text: "only GET and HEAD are answered\n")
            return exchange.response?.queue(on: exchange.connection, allow: "GET, HEAD") ?? .NO
        }
        if hasBody(exchange.connection) {
            exchange.response = HTTPResponse(status: 400, text: "a body is not expected here\n")
            return exchange.response?.queue(on: exchange.connection) ?? .NO
        }
        return .YES
    }

    private func hasBody(_ connection: OpaquePointer) -> Bool {
        func value(_ name: String) -> String? {
            MHD_lookup_connection_value(connection, .HEADER_KIND, name).map(String.init(cString:))
        }
        return value("Transfer-Encoding") != nil || !["0", nil].contains(value("Content-Length"))
    }

    private func begin(_ exchange: Exchange) {
        let number = exchange.number
        let request = exchange.request
        do {
            exchange.timer = try TimerSource(loop: loop) {
                self.assumeIsolated { $0.giveUp(number) }
            }
            try exchange.timer?.set(after: limits.handler)
        } catch {
            exchange.timer = nil
            exchange.response = HTTPResponse(status: 503, text: "\(error)\n")
            return
        }
        waiting[number] = exchange
        // The connection waits for it, until the timer ends the wait.
        exchange.task = Task(executorPreference: loop) {
            await self.answer(number, with: self.handler(request))
        }
    }

    /// Hands an answer to the connection that waits for it, if it still does.
    private func answer(_ number: UInt64, with response: HTTPResponse) {
        guard let exchange = waiting.removeValue(forKey: number) else { return }
        exchange.timer = nil
        exchange.response = response
        places[exchange.connection]?.lastUse = nextNumber()
        // The connection can be closed to make room from now on.
        setAccepting(true)
        guard exchange.isSuspended else { return }
        exchange.isSuspended = false
        MHD_resume_connection(exchange.connection)
        turn()
    }

    private func giveUp(_ number: UInt64) {
        waiting[number]?.task?.cancel()
        answer(number, with: .tookTooLong)
    }

    func requestEnded(on connection: OpaquePointer) {
        guard let exchange = places[connection]?.exchange else { return }
        places[connection]?.exchange = nil
        places[connection]?.lastUse = nextNumber()
        // Still there: its client is gone before the answer.
        guard let abandoned = waiting.removeValue(forKey: exchange.number) else { return }
        abandoned.timer = nil
        abandoned.task?.cancel()
    }

    /// The server that was handed to the library as its context.
    static func from(_ context: UnsafeMutableRawPointer?) -> HTTPServer {
        guard let context else { preconditionFailure("libmicrohttpd lost its context") }
        return Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    }
}

extension HTTPResponse {
    fileprivate static let tookTooLong = HTTPResponse(
        status: 503, text: "the answer took too long to make\n")
}
