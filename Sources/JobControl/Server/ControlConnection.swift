import EventLoop
import LinuxSystem

/// One client of the control server: reads a call, has it carried out, sends the answer, and only
/// then looks at the next. What a client can make us keep is one frame in and one out.
actor ControlConnection {
    /// Whose turn it is.
    private enum Phase {
        /// The client's: the rest of a frame is awaited.
        case reading
        /// The service's. `wasTold`: its time is over, and it was told to end.
        case calling(Task<Void, Never>, wasTold: Bool)
        /// The client's: it is to take the answer.
        case writing
        case ended
    }

    private let loop: EventLoop
    private let dispatcher: CallDispatcher
    private let limits: ControlLimits
    private let peer: PeerCredentials
    private let isAllowed: Bool
    private let report: @Sendable (ControlIncident) -> Void
    private let places: ControlPlaces

    private var socket: FileDescriptor?
    private var watch: IOSource?
    private var timer: TimerSource?
    private var timerIsSet = false

    private var phase = Phase.reading
    private var frames: FrameReader
    private var output: ArraySlice<UInt8> = []
    /// The client sends no more.
    private var inputHasEnded = false
    /// The connection ends when the output at hand is sent.
    private var isLastAnswer = false
    private var denialIsLogged = false
    /// Counts the calls, so that one that was left behind is told from the present one.
    private var lastCall = 0

    /// - Parameters:
    ///   - socket: non-blocking.
    ///   - places: told of what takes a place. Called on the loop.
    init(
        loop: EventLoop, socket: consuming FileDescriptor, peer: PeerCredentials, isAllowed: Bool,
        dispatcher: CallDispatcher, limits: ControlLimits,
        report: @escaping @Sendable (ControlIncident) -> Void,
        places: ControlPlaces
    ) {
        self.loop = loop
        self.socket = consume socket
        self.peer = peer
        self.isAllowed = isAllowed
        self.dispatcher = dispatcher
        self.limits = limits
        self.report = report
        self.places = places
        frames = FrameReader(limit: limits.frame)
    }

    isolated deinit {}

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    // MARK: - Life

    /// Begins to read.
    func start() {
        attempt {
            timer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.patienceIsOver() }
            }
            try proceed()
        }
    }

    /// Sends the answer to the call at hand, if there is one, and ends.
    func finish() {
        isLastAnswer = true
        if case .reading = phase { end() }
    }

    /// Ends at once.
    func end() {
        if case .ended = phase { return }
        leaveCall()
        phase = .ended
        // The watch before the descriptor, whose number is free for another from then on.
        watch = nil
        timer = nil
        socket = nil
        places.ended()
    }

    /// The call at hand is told to end, and nobody awaits its answer any more. Until it has ended it keeps a
    /// place, so that no client has more calls carried out at a time than there are places.
    private func leaveCall() {
        guard case .calling(let task, _) = phase else { return }
        task.cancel()
        lastCall += 1
        places.left()
    }

    /// Does a step; the connection ends when that fails.
    private func attempt(_ step: () throws -> Void) {
        do {
            try step()
        } catch {
            report(.trouble("the connection of \(peer.logText) is lost: \(error)"))
            end()
        }
    }
}

// MARK: - From frame to answer

extension ControlConnection {
    /// Takes the next frame that is there, or waits for more.
    private func proceed() throws {
        if isLastAnswer { return end() }
        let frame: [UInt8]?
        do throws(FrameReader.TooLong) {
            frame = try frames.next()
        } catch {
            return try refuseInput("\(error)")
        }
        if let frame { return try begin(frame) }
        if inputHasEnded {
            guard frames.holdsBytes else { return end() }
            return try refuseInput("the connection ended within a frame")
        }
        phase = .reading
        try watch(for: .readable)
        // Counted from the frame's first byte: another byte now and then wins no time.
        if frames.holdsBytes || !isAllowed {
            try startTimer(limits.patience)
        } else {
            try stopTimer()
        }
    }

    private func begin(_ frame: [UInt8]) throws {
        try stopTimer()
        let call: VarlinkCall
        do throws(CallDispatcher.Unreadable) {
            call = try dispatcher.read(frame)
        } catch {
            isLastAnswer = error.answer.ends
            return try send(error.answer.frame)
        }
        if isAllowed {
            do throws(ControlError) {
                try places.begins(call.isWait)
            } catch {
                return try send(call.isOneway ? [] : VarlinkFrame.error(error))
            }
        }
        if call.isOneway {
            // It is carried out although nobody waits for it.
            watch = nil
        } else {
            // Nothing is read meanwhile; that the client has gone is reported all the same.
            try watch(for: [])
        }
        try startTimer(limits.call)
        lastCall += 1
        let number = lastCall
        // Nobody waits for this task: it ends in `send`, and `end` cancels it.
        phase = .calling(
            Task(executorPreference: loop) {
                await PeerCredentials.$caller.withValue(self.peer) {
                    await self.carryOut(call, frame, number)
                }
            }, wasTold: false)
    }

    private func carryOut(_ call: VarlinkCall, _ frame: [UInt8], _ number: Int) async {
        let denial = ControlError.permissionDenied(
            userID: peer.userID, processID: peer.processID)
        let answer = await dispatcher.answer(call, frame, denial: isAllowed ? nil : denial)
        guard case .calling = phase, number == lastCall else { return places.leftHasEnded() }
        if let method = answer.deniedMethod, !denialIsLogged {
            denialIsLogged = true
            report(.accessRefused(method: method, peer))
        }
        attempt {
            try stopTimer()
            try send(answer.frame)
        }
    }

    /// Answers that what came cannot be read, and ends.
    private func refuseInput(_ reason: String) throws {
        isLastAnswer = true
        try stopTimer()
        try send(VarlinkFrame.error(.refused(reason: reason)))
    }

    private func patienceIsOver() {
        timerIsSet = false
        switch phase {
        case .reading where frames.holdsBytes:
            attempt { try refuseInput("a frame was not complete after \(limits.patience)") }
        case .calling(let task, wasTold: false):
            phase = .calling(task, wasTold: true)
            task.cancel()
            attempt { try startTimer(limits.callEnd) }
        case .calling:
            // It does not end although it was told to: its client is.
            leaveCall()
            isLastAnswer = true
            attempt { try send(VarlinkFrame.error(.tookTooLong)) }
        case .reading, .writing: end()
        case .ended: break
        }
    }
}

// MARK: - The socket

extension ControlConnection {
    private func watch(for events: IOEvents) throws {
        guard let number = socket?.number else { return }
        if watch == nil {
            watch = try IOSource(loop: loop, descriptor: number, events: events) {
                [weak self] events in self?.assumeIsolated { $0.isReady(events) }
            }
        } else {
            try watch?.watch(events)
        }
    }

    private func isReady(_ events: IOEvents) {
        attempt {
            switch phase {
            case .reading: try receive()
            case .writing: try flush()
            // A client that only sends no more is not gone: it may read its answer.
            case .calling where !events.isDisjoint(with: [.hangUp, .failure]): end()
            case .calling, .ended: break
            }
        }
    }

    private func receive() throws {
        switch try socket?.read(atMost: Self.readSize) {
        case .bytes(let bytes): frames.append(bytes)
        case .end: inputHasEnded = true
        case .nothingYet, nil: return
        }
        try proceed()
    }

    private func send(_ frame: [UInt8]) throws {
        phase = .writing
        output = frame[...]
        try flush()
    }

    private func flush() throws {
        while !output.isEmpty {
            switch try socket?.send(output) {
            case .sent(let count): output = output.dropFirst(count)
            case .full:
                try watch(for: .writable)
                return try startTimer(limits.patience)
            case .disconnected, nil: return end()
            }
        }
        output = []
        try stopTimer()
        try proceed()
    }

    private static let readSize = 64 * 1024

    /// Sets the timer, unless it runs already.
    private func startTimer(_ limit: Duration) throws {
        if timerIsSet { return }
        try timer?.set(after: limit)
        timerIsSet = true
    }

    private func stopTimer() throws {
        guard timerIsSet else { return }
        try timer?.cancel()
        timerIsSet = false
    }
}

extension PeerCredentials {
    /// The client, for a log line.
    package var logText: String { "pid \(processID), uid \(userID)" }
}
