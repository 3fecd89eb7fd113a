import CMicrohttpd
import EventLoop

/// From a request to its answer.
extension HTTPServer {
    /// The library's question for an answer to the request on `connection`: asked when its headers
    /// are there, again when all of it is, and again for as long as there is none.
    func handle(_ connection: OpaquePointer, path: String, method: String) -> MHD_Result {
        guard let exchange = exchanges[connection] else {
            let request = HTTPRequest(path: path, isLocal: cmicrohttpd_is_local(connection) != 0)
            let exchange = exchanges.begin(request, on: connection)
            guard let refusal = refusal(of: method, on: connection) else { return .YES }
            _ = exchanges.answer(exchange.number, with: refusal)
            return queue(refusal, on: connection)
        }
        if let response = exchange.response { return queue(response, on: connection) }
        if !exchange.hasBegun {
            work(on: exchange)
        } else {
            // Only at the third time: a connection that is suspended while the library wants to read
            // from it is given up when its client has sent its last byte (`nc -N`).
            exchange.isSuspended = true
            MHD_suspend_connection(connection)
        }
        return .YES
    }

    /// The answer to what no handler needs to see. The library closes the connection after it, so
    /// that nothing that follows is taken for a request.
    private func refusal(of method: String, on connection: OpaquePointer) -> HTTPResponse? {
        func header(_ name: String) -> String? {
            MHD_lookup_connection_value(connection, .HEADER_KIND, name).map(String.init(cString:))
        }
        if method != "GET", method != "HEAD" { return .methodNotAllowed }
        let hasBody =
            header("Transfer-Encoding") != nil || !["0", nil].contains(header("Content-Length"))
        return hasBody ? .bodyNotExpected : nil
    }

    private func work(on exchange: Exchange) {
        exchange.hasBegun = true
        let number = exchange.number
        places.beginWait(of: exchange.connection)
        do {
            exchange.timer = try TimerSource(loop: loop) {
                self.assumeIsolated { $0.answer(number, with: .tookTooLong) }
            }
            try exchange.timer?.set(after: limits.handler)
        } catch {
            return answer(number, with: HTTPResponse(status: 503, text: "\(error)\n"))
        }
        guard paceLeft > 0, line.isEmpty else { return line.append(number) }
        take(exchange)
    }

    /// Has the handler make the answer.
    private func take(_ exchange: Exchange) {
        if paceLeft == limits.pace { startPace() }
        paceLeft -= 1
        let (number, request) = (exchange.number, exchange.request)
        // The connection waits for it, until the timer ends the wait.
        exchange.task = Task(executorPreference: loop) {
            await self.answer(number, with: self.handler(request))
        }
    }

    private func startPace() {
        do {
            try paceTimer?.set(after: limits.paceTime)
        } catch {
            // A timer that exists can be set. Were it not so, nobody would be held back.
            paceLeft = .max
        }
    }

    /// The next few in the line have their turn.
    func takeFromLine() {
        paceLeft = limits.pace
        while paceLeft > 0, !line.isEmpty {
            // It may have been told meanwhile that it took too long, or be gone.
            if let exchange = exchanges.unanswered(line.removeFirst()) { take(exchange) }
        }
    }

    /// Hands an answer to the connection that waits for it, if it still does.
    private func answer(_ number: UInt64, with response: HTTPResponse) {
        guard let exchange = exchanges.answer(number, with: response) else { return }
        // If it is not suspended, the library asks again by itself.
        guard exchange.isSuspended else { return }
        exchange.isSuspended = false
        MHD_resume_connection(exchange.connection)
        turn()
    }

    private func queue(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
        places.use(connection)
        // It can be closed to make room from now on.
        setAccepting(true)
        return response.queue(on: connection)
    }

    func requestEnded(on connection: OpaquePointer) {
        exchanges.end(on: connection)
        places.use(connection)
    }
}

extension HTTPResponse {
    fileprivate static let methodNotAllowed = HTTPResponse(
        status: 405, text: "only GET and HEAD are answered\n")
    fileprivate static let bodyNotExpected = HTTPResponse(
        status: 400, text: "a request has no body here\n")
    fileprivate static let tookTooLong = HTTPResponse(
        status: 503, text: "the answer took too long to make\n")
}
