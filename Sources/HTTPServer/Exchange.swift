import EventLoop

/// One request and the answer that is being made for it. Lives on the loop, inside the server.
final class Exchange {
    let number: UInt64
    let connection: OpaquePointer
    let request: HTTPRequest
    /// It is being dealt with, or stands in the line of those that are.
    var hasBegun = false
    /// Makes the answer.
    var task: Task<Void, Never>?
    /// Ends the wait for it.
    var timer: TimerSource?
    var response: HTTPResponse?
    /// libmicrohttpd does not look at the connection until it is resumed.
    var isSuspended = false

    init(number: UInt64, connection: OpaquePointer, request: HTTPRequest) {
        self.number = number
        self.connection = connection
        self.request = request
    }
}

/// The exchanges that go on: one for each connection whose request is there.
///
/// An answer finds its exchange by number. A connection's address will not do: the library may give
/// it to the next client while an old answer is still being made.
struct Exchanges {
    private var byConnection: [OpaquePointer: Exchange] = [:]
    private var unanswered: [UInt64: Exchange] = [:]
    private var lastNumber: UInt64 = 0

    /// The exchange that still wants its answer.
    func unanswered(_ number: UInt64) -> Exchange? { unanswered[number] }

    subscript(connection: OpaquePointer) -> Exchange? { byConnection[connection] }

    mutating func begin(_ request: HTTPRequest, on connection: OpaquePointer) -> Exchange {
        lastNumber += 1
        let exchange = Exchange(number: lastNumber, connection: connection, request: request)
        byConnection[connection] = exchange
        unanswered[exchange.number] = exchange
        return exchange
    }

    /// Gives an exchange its answer.
    ///
    /// - Returns: `nil` when nobody waits for it any more.
    mutating func answer(_ number: UInt64, with response: HTTPResponse) -> Exchange? {
        let exchange = unanswered.removeValue(forKey: number)
        exchange?.timer = nil
        exchange?.response = response
        // Of no effect when it is the task that answers.
        exchange?.task?.cancel()
        return exchange
    }

    /// The connection has no request any more: its answer was sent, or its client is gone.
    mutating func end(on connection: OpaquePointer) {
        guard let exchange = byConnection.removeValue(forKey: connection) else { return }
        unanswered[exchange.number] = nil
        exchange.timer = nil
        // Of no effect when it has answered.
        exchange.task?.cancel()
    }

    /// Ends what goes on, and returns it.
    mutating func endAll() -> [Exchange] {
        let all = Array(byConnection.values)
        for exchange in all { end(on: exchange.connection) }
        return all
    }
}
