import EventLoop
import LinuxSystem

/// The daemon's control socket: takes connections and gives each a `ControlConnection`. Lives on the
/// event loop, and never waits for a client there.
package actor ControlServer {
    private let loop: EventLoop
    private let access: ControlAccess
    private let limits: ControlLimits
    private let dispatcher: CallDispatcher
    private let socketPath: String?
    private let report: @Sendable (ControlIncident) -> Void

    private var listener: FileDescriptor?
    private var watch: IOSource?
    private var timer: TimerSource?
    private var connections: [UInt64: ControlConnection] = [:]
    private var nextConnection: UInt64 = 0
    /// Connections whose last call was to wait for a job's end.
    private var waiters: Set<UInt64> = []
    /// Calls that go on without a client.
    private var leftCalls = 0
    /// No connection could be taken the last time. It is told once.
    private var isShort = false
    /// What lies at `socketPath`; `nil`: not looked at yet.
    private var socketFile: FileIdentity?
    /// Who waits in `stop()` for the last connection to end.
    private var stopping: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - listener: a listening socket, from `UnixSocket.listen` or handed over by systemd.
    ///   - socketPath: the socket's file, which `stop()` removes; `nil`: it belongs to others.
    ///   - report: is told what an administrator should know.
    package init(
        loop: EventLoop, listener: consuming FileDescriptor, socketPath: String?,
        access: ControlAccess, service: any ControlService,
        identity: ServiceIdentity = ServiceIdentity(), limits: ControlLimits = ControlLimits(),
        report: @escaping @Sendable (ControlIncident) -> Void
    ) {
        self.loop = loop
        self.listener = consume listener
        self.socketPath = socketPath
        self.access = access
        self.limits = limits
        self.report = report
        dispatcher = CallDispatcher(
            service: service, identity: identity, frameLimit: limits.frame)
    }

    isolated deinit {}

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Begins to take connections.
    package func start() throws {
        try listener?.setNonBlocking()
        timer = try TimerSource(loop: loop) { [weak self] in
            self?.assumeIsolated { $0.timeIsUp() }
        }
        try watchListener()
        if let socketPath { socketFile = try FileIdentity.of(socketPath)?.identity }
    }

    /// Takes no more connections and calls, lets the calls at hand be answered and their answers be
    /// sent, and closes everything; what takes longer than `ControlLimits.stop` is cut off. A call
    /// must not wait for it.
    package func stop() async {
        watch = nil
        listener = nil
        removeSocketFile()
        finishConnections()
        if connections.isEmpty { return }
        do {
            try timer?.set(after: limits.stop)
            await withCheckedContinuation { continuation in
                // The last may have gone on the way in here.
                if connections.isEmpty { return continuation.resume() }
                stopping.append(continuation)
            }
        } catch {
            report(.trouble("cannot wait for the last answers: \(error)"))
            timeIsUp()
        }
        timer = nil
    }
}

extension ControlServer {
    private func watchListener() throws {
        guard let number = listener?.number else { return }
        watch = try IOSource(loop: loop, descriptor: number, events: .readable) { [weak self] _ in
            self?.assumeIsolated { $0.takeConnections() }
        }
    }

    private func takeConnections() {
        do {
            // Not without end: others live on this loop too.
            for _ in 0..<Self.connectionsAtOnce {
                guard listener != nil, let socket = try takeOne() else { return }
                isShort = false
                connect(socket)
            }
        } catch {
            pause(because: error)
        }
    }

    private func takeOne() throws(SystemError) -> FileDescriptor? {
        switch listener {
        case nil: nil
        case .some(let listener): try UnixSocket.accept(from: listener)
        }
    }

    private func connect(_ socket: consuming FileDescriptor) {
        do throws(SystemError) {
            let peer = try PeerCredentials(of: socket)
            let places =
                access.users.contains(peer.userID)
                ? limits.clients : max(1, limits.clients - limits.reserved)
            guard connections.count - waiters.count + leftCalls < places else {
                return turnAway(socket, places)
            }
            let id = nextConnection
            nextConnection += 1
            let connection = ControlConnection(
                loop: loop, socket: socket, peer: peer, isAllowed: access.allows(peer),
                dispatcher: dispatcher, limits: limits, report: report, places: placesTold(by: id))
            connections[id] = connection
            connection.assumeIsolated { $0.start() }
        } catch {
            report(.trouble("a connection was closed: \(error)"))
        }
    }

    private func placesTold(by id: UInt64) -> ControlPlaces {
        ControlPlaces(
            begins: { [weak self] isWait throws(ControlError) in
                let refusal = self?.assumeIsolated { $0.callBegins(isWait, on: id) } ?? nil
                if let refusal { throw refusal }
            },
            left: { [weak self] in self?.assumeIsolated { $0.leftCalls += 1 } },
            leftHasEnded: { [weak self] in self?.assumeIsolated { $0.leftCalls -= 1 } },
            ended: { [weak self] in self?.assumeIsolated { $0.hasEnded(id) } })
    }

    /// - Returns: why it cannot begin; `nil`: it can.
    private func callBegins(_ isWait: Bool, on id: UInt64) -> ControlError? {
        guard isWait else {
            waiters.remove(id)
            return nil
        }
        guard waiters.contains(id) || waiters.count < limits.waiters else {
            return .refused(
                reason: "\(limits.waiters) clients wait for jobs, and no more can; try again later")
        }
        waiters.insert(id)
        return nil
    }

    private func turnAway(_ socket: consuming FileDescriptor, _ places: Int) {
        let reason = "\(places) clients are connected, and no more can be; try again later"
        let frame = VarlinkFrame.error(.refused(reason: reason))
        // The client is sent away in any case; whether it learns why is up to its buffer.
        _ = try? socket.send(frame[...])
    }

    private func finishConnections() {
        for connection in connections.values { connection.assumeIsolated { $0.finish() } }
    }

    private func hasEnded(_ id: UInt64) {
        connections[id] = nil
        waiters.remove(id)
        guard connections.isEmpty else { return }
        for continuation in stopping { continuation.resume() }
        stopping = []
    }

    /// Accepting failed, most likely for want of descriptors. The listener would report again at once,
    /// for ever.
    private func pause(because error: any Error) {
        if !isShort { report(.trouble("no connection can be taken for a while: \(error)")) }
        isShort = true
        watch = nil
        do {
            try timer?.set(after: Self.pause)
        } catch {
            report(.trouble("no connection can be taken any more: \(error)"))
        }
    }

    /// The pause is over, or `stop()` has waited long enough.
    private func timeIsUp() {
        if listener == nil {
            for connection in connections.values { connection.assumeIsolated { $0.end() } }
            return
        }
        do {
            try watchListener()
        } catch {
            report(.trouble("no connection can be taken any more: \(error)"))
        }
    }

    /// Makes the socket's file again where it was removed: no client finds this server else. Clients that
    /// are connected stay.
    ///
    /// - Returns: a line for the log; `nil`: all is well.
    package func keepFile(mode: UInt32) -> String? {
        guard let socketPath, listener != nil, let socketFile else { return nil }
        do {
            let found = try FileIdentity.of(socketPath)?.identity
            if found == socketFile { return nil }
            let new = try UnixSocket.listen(path: socketPath, mode: mode)
            watch = nil
            listener = consume new
            self.socketFile = try FileIdentity.of(socketPath)?.identity
            try watchListener()
            return "the control socket \(socketPath) was removed, and is there again"
        } catch {
            return "the control socket \(socketPath) was removed or replaced: \(error)"
        }
    }

    /// Removes what this server has made, and nothing that another one has put in its place.
    private func removeSocketFile() {
        guard let socketPath else { return }
        if let socketFile, let found = try? FileIdentity.of(socketPath),
            found.identity != socketFile
        {
            return
        }
        do {
            try UnixSocket.remove(path: socketPath)
        } catch {
            report(.trouble("\(error)"))
        }
    }

    private static let connectionsAtOnce = 64
    private static let pause: Duration = .seconds(1)
}
