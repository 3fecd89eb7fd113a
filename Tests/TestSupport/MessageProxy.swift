import Foundation
import Synchronization

/// Stands between clients and Redis and understands what they say: it knows each request, and the
/// answer to it, by name, and fails once, at the one that a test names. (`FaultProxy` knows bytes
/// alone.)
///
/// A thread of its own serves it; it ends with the value, and so do its connections.
package final class MessageProxy: Sendable {
    /// A request and the answer to it.
    package struct Exchange: Sendable, Hashable, CustomStringConvertible {
        /// The command, such as `BLMOVE`; where it runs a script, the script's name, such as `claim`.
        package let name: String
        /// Which one of this name, counted from 1 over all connections.
        package let number: Int

        package init(_ name: String, _ number: Int = 1) {
            self.name = name
            self.number = number
        }

        package var description: String { "\(name) \(number)" }
    }

    /// A place at an exchange where a connection can end.
    package enum Boundary: Sendable, Hashable, CaseIterable {
        /// Redis hears nothing of it.
        case beforeRequest
        /// Half of the request has gone on.
        case inRequest
        /// Redis has answered, and nothing of the answer goes on.
        case beforeReply
        /// Half of the answer has gone on.
        case inReply
        /// The whole answer has gone on.
        case afterReply
    }

    /// What happens at an exchange.
    package enum Fault: Sendable, Hashable {
        /// Its connection ends there, or all of them.
        case cut(Boundary, all: Bool)
        /// The request is kept, with all that follows it on its connection, until its client has hung
        /// up; then Redis gets it.
        case stallRequest
        /// The same, but Redis gets it only at `release()`.
        case loseRequest
        /// The same, and its client's side ends at once.
        case orphanRequest
        /// The answer never goes on, nor does anything after it on its connection.
        case stallReply
        /// The same, until `release()`.
        case holdReply
    }

    /// What went through so far.
    package struct Record: Sendable {
        /// All exchanges in the order of their requests.
        package var exchanges: [Exchange] = []
        /// Those whose answer came.
        package var answered: Set<Exchange> = []
        /// The names of each connection's requests, in order.
        package var conversations: [[String]] = []
        /// Connections whose client has hung up, and on which Redis has not done so yet.
        package var orphans = 0
        /// Whether the fault has come.
        package var hasFailed = false

        package init() {}
    }

    package let port: Int
    private let engine: MessageEngine

    /// Listens for clients of `target`.
    package init(
        to target: SocketAddress, failing fault: Fault? = nil, at exchange: Exchange? = nil
    ) throws {
        engine = try MessageEngine(target)
        port = engine.port
        if let fault, let exchange { fail(fault, at: exchange) }
        Thread.detachNewThread { [engine] in while engine.turn() {} }
    }

    deinit { engine.order { $0.isOver = true } }

    /// As jobqueued's `--addr` takes it.
    package var address: String { "127.0.0.1:\(port)" }

    package var record: Record { engine.record.value }

    /// How often `name` was asked so far.
    package func count(of name: String) -> Int {
        record.exchanges.count { $0.name == name }
    }

    /// What is to happen, once, and where.
    package func fail(_ fault: Fault, at exchange: Exchange) {
        engine.order { $0.plan = (fault, exchange) }
    }

    /// Redis gets the requests that were kept from it, and clients the answers. Returns when Redis has
    /// carried out what is left of clients that have hung up.
    package func release() async throws {
        engine.order { $0.release() }
        try await wait { $0.orphans == 0 }
    }

    /// Awaits that what went through so far satisfies `condition`.
    package func wait(
        within limit: Duration = .patience,
        until condition: @escaping @Sendable (Record) -> Bool
    ) async throws {
        guard await engine.record.wait(within: limit, until: condition) != nil else {
            throw TestSupportError("it was not said within \(limit): \(record.conversations)")
        }
    }
}

/// What the proxy's thread and its orderers share.
private final class MessageEngine: Sendable {
    let port: Int
    let record = Watched(MessageProxy.Record())
    private let target: SocketAddress
    private let listener: Int32
    private let wakeUp: (read: Int32, write: Int32)
    private let state = Mutex(MessageProxyState())

    init(_ target: SocketAddress) throws {
        self.target = target
        wakeUp = try Spawn.makePipe()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        let bound = try SocketAddress.loopback(port: 0).withCAddress { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 128) == 0 else {
            throw TestSupportError.systemCall("listening for a proxy")
        }
        port = try boundPort(of: listener)
    }

    deinit {
        state.withLock { $0.endAll() }
        for descriptor in [listener, wakeUp.read, wakeUp.write] { close(descriptor) }
    }

    func order(_ change: (inout MessageProxyState) -> Void) {
        state.withLock { change(&$0) }
        var byte: UInt8 = 0
        _ = write(wakeUp.write, &byte, 1)
    }

    /// Waits for something to do and does it.
    ///
    /// - Returns: `false` when the proxy is over.
    func turn() -> Bool {
        var polled = state.withLock { $0.polled }
        polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0))
        _ = poll(&polled, nfds_t(polled.count), -1)
        if polled[polled.count - 1].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 256)
            _ = read(wakeUp.read, &bytes, bytes.count)
        }
        let new = polled[polled.count - 2].revents != 0 ? acceptOne() : nil
        let (goesOn, news) = state.withLock { state in
            if let new { state.add(client: new.client, server: new.server) }
            state.move()
            return (!state.isOver, state.takeNews())
        }
        if let news { record.update { $0 = news } }
        return goesOn
    }

    private func acceptOne() -> (client: Int32, server: Int32)? {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let server = socket(target.family, kind, 0)
        // A server that is not there cannot be told from one that hangs up at once.
        let code = try? target.withCAddress { connect(server, $0, $1) }
        guard code == 0 else {
            close(client)
            close(server)
            return nil
        }
        return (client, server)
    }
}
