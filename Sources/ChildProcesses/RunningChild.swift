import EventLoop
import Glibc
import LinuxSystem

/// One child, from before its start until nothing is left of it. Lives on the loop.
package actor RunningChild {
    private enum Stop: Comparable {
        case notAsked, asked, killed
    }

    private let command: ChildCommand
    private let loop: EventLoop
    private let thread: ProcessThread
    private let sessions: SessionWatch
    private let refused: RefusedSignals
    /// By this it and all that it starts are known; `nil`: it is not marked.
    let mark: String?
    /// From its start until it has ended.
    private var streams: Streams?
    /// What was sent to its input before it had one.
    private var sentEarly: [UInt8] = []
    private var isInputFinished = false
    /// From its start until it is reaped. For so long its number is that of its group and its session.
    private var handle: ChildHandle?
    private var exitWatch: IOSource?
    private var graceTimer: TimerSource?
    private var stop = Stop.notAsked
    private var hasEnded = false
    /// Resumed when it has ended.
    private var waiter: CheckedContinuation<Void, Never>?

    nonisolated var executable: String { command.executable }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(
        _ command: ChildCommand, mark: String?, loop: EventLoop, thread: ProcessThread,
        sessions: SessionWatch, refused: RefusedSignals
    ) {
        self.sessions = sessions
        self.refused = refused
        self.command = command
        self.mark = mark
        self.loop = loop
        self.thread = thread
    }

    /// `nil` before its start and when it was reaped.
    var processID: Int32? { handle?.processID }

    /// Runs it to its end, which also ends what it has started.
    func run() async throws(ChildProcessError) -> ChildResult {
        if let part = command.partWithNUL {
            throw .holdsNUL(executable: command.executable, part: part)
        }
        let streams = try Streams(command, sent: sentEarly, loop: loop)
        sentEarly = []
        if isInputFinished { streams.input.finish() }
        self.streams = streams
        defer { self.streams = nil }
        handle = ChildHandle(try await start(streams))
        try await watch(streams)
        // What was asked before there was a process.
        switch stop {
        case .notAsked: break
        case .asked: beginGrace()
        case .killed: kill()
        }
        await waitForExit()
        await waitForOthers()
        handle?.signalGroup(SIGKILL)
        let isHeld = streams.readRest()
        if isHeld || stop > .notAsked { await killOtherGroups() }
        let end = try reap()
        return streams.close(end: end, wasStopped: stop > .notAsked)
    }

    // MARK: - Its input, where that stays open

    /// Sends `bytes` to its input.
    ///
    /// - Returns: whether it is still there, and may read them.
    package func send(_ bytes: [UInt8]) -> Bool {
        guard !hasEnded, !isInputFinished else { return false }
        guard let streams else {
            sentEarly += bytes
            return true
        }
        return streams.input.send(bytes)
    }

    /// Ends its input after what was sent.
    package func finishInput() {
        isInputFinished = true
        streams?.input.finish()
    }

    /// Hands over what it has written to standard error by now.
    package func readErrors() { streams?.readErrors() }

    /// From now on `total` more bytes of lines on standard error are handed over.
    ///
    /// - Returns: how many bytes were dropped until now, since the last call.
    package func renewErrors(total: Int) -> Int { streams?.renewErrors(total: total) ?? 0 }

    // MARK: - Being stopped

    /// Asks all its processes to end, and kills after its grace what is left.
    package func askToEnd() {
        guard stop == .notAsked, !hasEnded else { return }
        stop = .asked
        if handle?.processID != nil { beginGrace() }
    }

    /// Kills all its processes.
    func kill() {
        guard !hasEnded || stop == .asked else { return }
        stop = .killed
        signalAll(SIGKILL)
    }

    private func beginGrace() {
        signalAll(SIGTERM)
        do {
            graceTimer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.kill() }
            }
            try graceTimer?.set(after: command.grace)
        } catch {
            // Without a timer (out of memory) there is no grace.
            kill()
        }
    }

    /// Other groups are told by the thread, in order and so before the child is reaped.
    private func signalAll(_ signal: Int32) {
        guard let leader = handle?.processID else { return }
        if handle?.signalGroup(signal) == true { refused.note(leader) }
        thread.post { ProcessSession.signalOtherGroups(signal, leader: leader) }
    }
}

// MARK: - From the start to the end

extension RunningChild {
    private func start(_ streams: Streams) async throws(ChildProcessError) -> StartedProcess {
        let ends = streams.giveChildsEnds()
        var start = ProcessStart(
            path: command.executable,
            arguments: [command.name ?? command.executable] + command.arguments,
            environment: command.environment, streams: ends.numbers)
        start.directory = command.directory
        start.limits = command.limits
        let result = await thread.perform { [start] in
            defer { ends.close() }
            return Result { () throws(ProcessStartError) in try start.start() }
        }
        do throws(ProcessStartError) {
            return try result.get()
        } catch {
            throw ChildProcessError(error, executable: command.executable)
        }
    }

    private func watch(_ streams: Streams) async throws(ChildProcessError) {
        guard let descriptor = handle?.descriptorToWatch else { return }
        do throws(EventLoopError) {
            exitWatch = try IOSource(loop: loop, descriptor: descriptor, events: .readable) {
                [weak self] _ in self?.assumeIsolated { $0.noteExit() }
            }
            try streams.start()
        } catch {
            handle?.signalGroup(SIGKILL)
            await thread.perform { ChildHandle.blockUntilEnded(descriptor) }
            await killOtherGroups()
            _ = try reap()
            throw .notWatched(error)
        }
    }

    private func noteExit() {
        exitWatch = nil
        hasEnded = true
        waiter?.resume()
        waiter = nil
    }

    private func waitForExit() async {
        await withCheckedContinuation { continuation in
            // Not asked before the call: others may have their turn on the way in here.
            if hasEnded { continuation.resume() } else { waiter = continuation }
        }
    }

    /// A shell that is asked to end is gone at once, while what it runs is still putting things in
    /// order: that has the rest of the grace.
    private func waitForOthers() async {
        guard let leader = handle?.processID else { return }
        while stop == .asked, await sessions.isAlive(leader) {}
    }

    private func killOtherGroups() async {
        guard let leader = handle?.processID else { return }
        await thread.perform { ProcessSession.signalOtherGroups(SIGKILL, leader: leader) }
    }

    private func reap() throws(ChildProcessError) -> ProcessEnd {
        exitWatch = nil
        graceTimer = nil
        if let process = handle?.processID { refused.clear(process) }
        defer { handle = nil }
        do throws(SystemError) {
            guard let end = try handle?.reap() ?? nil else {
                throw .failed(call: "wait for a process", path: nil, errno: EAGAIN)
            }
            return end
        } catch {
            throw .endUnknown(error)
        }
    }
}
