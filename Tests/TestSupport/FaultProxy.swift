import Foundation
import Synchronization

/// Stands between a client and a server and does what networks do: passes, loses, delays, stalls, cuts.
///
/// What a test orders holds for every byte that is sent after the call has returned. A thread of its own
/// serves it; it ends with the value, and so do its connections.
package final class FaultProxy: Sendable {
    /// Which way bytes go.
    package enum Direction: Sendable, CaseIterable {
        /// What clients send.
        case requests
        /// What the server answers.
        case replies
    }

    /// What becomes of the bytes of one direction.
    package enum Treatment: Sendable, Equatable {
        case pass
        /// They are read and thrown away.
        case drop
        /// They are kept, and go on when they may pass again, even when who sent them is gone by then.
        case stall
        /// Each goes on so much later.
        case delay(Duration)
        /// So many more go on, over all connections; then every connection is cut, and what new ones
        /// bring passes.
        case cut(after: Int)
        /// Where the first text comes in one piece, the second stands in its place.
        case replace(String, by: String)
    }

    /// How connections end.
    package enum Ending: Sendable, CaseIterable {
        /// Both sides, properly.
        case close
        /// Both sides, with RST.
        case reset
        /// The client's alone: what it has sent goes on to the server.
        case clientSide
        /// No more answers come, and requests still go.
        case halfClose
        /// None, as it looks to both: nothing comes and nothing goes. New connections are not concerned.
        case silence
    }

    /// What went through so far, over all connections.
    package struct Traffic: Sendable, Equatable {
        package var connections = 0
        /// Who tried to connect, let in or not, and whether there was a server or not.
        package var arrivals = 0
        /// Bytes that came in, whatever became of them.
        package var requestBytes = 0
        package var replyBytes = 0
    }

    /// The port of the loopback that it listens on.
    package let port: Int
    private let engine: Engine

    /// Listens for clients of `target`.
    package init(to target: SocketAddress) throws {
        engine = try Engine(target)
        port = engine.port
        Thread.detachNewThread { [engine] in while engine.turn() {} }
    }

    deinit { engine.stop() }

    /// As jobqueued's `--addr` takes it.
    package var address: String { "127.0.0.1:\(port)" }

    package var traffic: Traffic { engine.traffic.value }

    /// From now on the bytes of one direction are treated so.
    package func set(_ direction: Direction, _ treatment: Treatment) {
        engine.order { $0.set(direction, treatment) }
    }

    /// Everything passes again, and clients are let in.
    package func heal() {
        engine.order { state in
            state.set(.requests, .pass)
            state.set(.replies, .pass)
            state.isRefusing = false
        }
    }

    /// Ends every connection there is.
    package func end(_ ending: Ending = .close) { engine.order { $0.end(ending) } }

    /// From now on who connects is cut at once.
    package func refuseClients() { engine.order { $0.isRefusing = true } }

    /// Awaits that what went through so far satisfies `condition`.
    @discardableResult
    package func wait(
        within limit: Duration = .patience,
        until condition: @escaping @Sendable (Traffic) -> Bool
    ) async throws -> Traffic {
        guard let traffic = await engine.traffic.wait(within: limit, until: condition) else {
            throw TestSupportError("it did not go through the proxy within \(limit): \(traffic)")
        }
        return traffic
    }
}

/// What the proxy's thread and its orderers share.
private final class Engine: Sendable {
    let port: Int
    let traffic = Watched(FaultProxy.Traffic())
    private let target: SocketAddress
    private let listener: Int32
    private let wakeUp: (read: Int32, write: Int32)
    private let state = Mutex(ProxyState())

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
        state.withLock { $0.end(.close) }
        for descriptor in [listener, wakeUp.read, wakeUp.write] { close(descriptor) }
    }

    func order(_ change: (inout ProxyState) -> Void) {
        state.withLock { change(&$0) }
        wake()
    }

    func stop() { order { $0.isOver = true } }

    /// Waits for something to do and does it.
    ///
    /// - Returns: `false` when the proxy is over.
    func turn() -> Bool {
        var (polled, timeout) = state.withLock { ($0.polled, $0.timeout) }
        polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0))
        _ = poll(&polled, nfds_t(polled.count), timeout)
        let isReady = { (place: Int) in polled[place].revents != 0 }
        if isReady(polled.count - 1) {
            var bytes = [UInt8](repeating: 0, count: 256)
            _ = read(wakeUp.read, &bytes, bytes.count)
        }
        let new = isReady(polled.count - 2) ? acceptOne() : nil
        let (goesOn, traffic) = state.withLock { state in
            if let new { state.add(new) }
            state.move()
            return (!state.isOver, state.traffic)
        }
        self.traffic.update { $0 = traffic }
        return goesOn
    }

    private func wake() {
        var byte: UInt8 = 0
        _ = write(wakeUp.write, &byte, 1)
    }

    /// A client and the server's side for it.
    private func acceptOne() -> ProxiedConnection? {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        state.withLock { $0.traffic.arrivals += 1 }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let server = socket(target.family, kind, 0)
        // A server that is not there cannot be told from one that hangs up at once.
        let code = try? target.withCAddress { connect(server, $0, $1) }
        guard code == 0 else {
            close(client)
            close(server)
            return nil
        }
        return ProxiedConnection(client: client, server: server)
    }
}

/// The proxy's orders and connections.
private struct ProxyState {
    var isRefusing = false
    var isOver = false
    var traffic = FaultProxy.Traffic()
    private var requests = FaultProxy.Treatment.pass
    private var replies = FaultProxy.Treatment.pass
    private var connections: [ProxiedConnection] = []

    mutating func set(_ direction: FaultProxy.Direction, _ treatment: FaultProxy.Treatment) {
        // What was sent before goes the way of before.
        move()
        switch direction {
        case .requests: requests = treatment
        case .replies: replies = treatment
        }
    }

    mutating func add(_ connection: ProxiedConnection) {
        traffic.connections += 1
        var connection = connection
        if isRefusing { return connection.end(.close) }
        connections.append(connection)
    }

    mutating func end(_ ending: FaultProxy.Ending) {
        move()
        for index in connections.indices { connections[index].end(ending) }
        connections.removeAll { $0.isOver }
    }

    var polled: [pollfd] { connections.flatMap(\.polled) }

    /// For `poll`: milliseconds until something that is delayed is due; -1: nothing is.
    var timeout: Int32 {
        guard
            let due = connections.filter({ !$0.isSilent }).flatMap({
                [
                    $0.requests.nextDue(isStalled: requests == .stall),
                    $0.replies.nextDue(isStalled: replies == .stall),
                ]
            }).compactMap({ $0 }).min()
        else { return -1 }
        let (seconds, attoseconds) = max(.zero, due - ContinuousClock.now).components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    /// Takes what came in on any side, and passes on what may go.
    mutating func move() {
        for index in connections.indices where !connections[index].isSilent {
            let requestBytes = connections[index].requests.receive(&requests)
            let replyBytes = connections[index].replies.receive(&replies)
            traffic.requestBytes += requestBytes
            traffic.replyBytes += replyBytes
            connections[index].requests.send(isStalled: requests == .stall)
            connections[index].replies.send(isStalled: replies == .stall)
            if requests == .cut(after: 0) && requestBytes > 0
                || replies == .cut(after: 0) && replyBytes > 0
            {
                cutAll()
                break
            }
            connections[index].closeWhenDone()
        }
        connections.removeAll { $0.isOver }
    }

    private mutating func cutAll() {
        for index in connections.indices { connections[index].end(.close) }
        for (direction, treatment) in [(0, requests), (1, replies)] {
            guard case .cut = treatment else { continue }
            if direction == 0 { requests = .pass } else { replies = .pass }
        }
    }
}
