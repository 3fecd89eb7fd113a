import CHiredis
import EventLoop
import Glibc

/// One connection to Redis over hiredis's asynchronous API, on the event loop.
///
/// Commands of one tick of the loop leave in one write, in the order in which they were sent:
/// pipelining without asking. After an error the connection is over for good; `RedisClient` makes a
/// new one.
package actor RedisConnection {
    /// A command whose answer is awaited, and its place in the batch it was sent with.
    private struct Request {
        let batch: Batch
        let index: Int
        let deadline: ContinuousClock.Instant
    }

    /// Commands that were sent together, and what came back so far.
    private final class Batch {
        var results: [Result<RedisReply, RedisError>]
        var left: Int
        var continuation: CheckedContinuation<[Result<RedisReply, RedisError>], Never>?
        /// How long each answer may take.
        let limit: Duration
        /// How often Redis had been heard when the batch was sent.
        let heard: UInt64

        init(count: Int, placeholder: RedisError, limit: Duration, heard: UInt64) {
            results = Array(repeating: .failure(placeholder), count: count)
            left = count
            self.limit = limit
            self.heard = heard
        }
    }

    package nonisolated let address: RedisAddress
    /// The address as errors tell it. Made once, because each batch stands ready to fail with it.
    private nonisolated let displayName: String
    private nonisolated let loop: EventLoop
    private var context: UnsafeMutablePointer<redisAsyncContext>?
    private var source: IOSource?
    private var events: IOEvents = []
    private var timer: TimerSource?
    /// When the timer fires; `nil`: it is not set.
    private var timerTime: ContinuousClock.Instant?
    /// Counts the times at which the socket showed that the other side lives. A counter, because reading a
    /// clock each time would cost every job something.
    private var heard: UInt64 = 0
    /// `heard` when an answer was found overdue; `nil`: none is.
    private var heardWhenLate: UInt64?
    private var isFlushing = false
    private var flushIsPlanned = false
    private var requests = RequestQueue<Request>()
    private var digests: [RedisScript: [UInt8]] = [:]
    private var reasonOfEnd: String?
    private var awaitsEnd: [CheckedContinuation<Void, Never>] = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        loop.asUnownedSerialExecutor()
    }

    /// Begins to connect to `place`, whose host must be numeric (a name would be looked up on the
    /// loop's thread). Commands may be sent at once; they fail if no connection comes about.
    package init(loop: EventLoop, address: RedisAddress) async throws(RedisError) {
        self.loop = loop
        self.address = address
        displayName = address.displayName
        try open()
    }

    // MARK: - Commands

    /// Sends `commands` one after the other without waiting between them.
    ///
    /// - Parameter timeout: After so long without an answer the connection is given up, unless Redis was
    ///   heard meanwhile: a long answer on a slow line takes its time.
    /// - Returns: the answer to each, in order. An error that Redis answers is a failure here.
    package func send(
        _ commands: [RedisCommand], timeout: Duration = .seconds(10)
    ) async -> [Result<RedisReply, RedisError>] {
        await withCheckedContinuation { continuation in
            // Nothing is looked at before: on the way in here a caller from elsewhere lets others have
            // their turn, who may close the connection.
            let batch = Batch(
                count: commands.count,
                placeholder: .unreachable(address: displayName, reason: endReason),
                limit: timeout, heard: heard)
            guard let context, !commands.isEmpty else {
                return continuation.resume(returning: batch.results)
            }
            let deadline = ContinuousClock.Instant.now.advanced(by: timeout)
            batch.continuation = continuation
            for (index, command) in commands.enumerated() {
                requests.append(Request(batch: batch, index: index, deadline: deadline))
                // hiredis copies the bytes. An error can only mean that the connection is being
                // closed: then no callback comes, and the placeholder is the result.
                let code = command.bytes.withUnsafeBytes { bytes in
                    redisAsyncFormattedCommand(
                        context, Self.onReply, nil,
                        bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
                }
                if code != REDIS_OK, let request = requests.removeLast() {
                    settle(request, batch.results[index])
                }
            }
            armTimer(deadline)
        }
    }

    /// Sends one command and waits for its answer. An error that Redis answers is thrown.
    package func send(
        _ command: RedisCommand, timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> RedisReply {
        try await send([command], timeout: timeout)[0].get()
    }

    /// Makes requests one after the other without waiting between them. Scripts go by their digests,
    /// and once more with their text where Redis does not know one (which then runs after the others).
    package func perform(
        _ requests: [RedisRequest], timeout: Duration = .seconds(10)
    ) async -> [Result<RedisReply, RedisError>] {
        let commands = requests.map { request in
            switch request {
            case .command(let command): command
            case .script(let call): call.command(digest: digests[call.script])
            }
        }
        var results = await send(commands, timeout: timeout)
        var unknown: [Int] = []
        var texts: [RedisCommand] = []
        for (index, request) in requests.enumerated() {
            guard case .failure(let error) = results[index], error.serverCode == "NOSCRIPT",
                case .script(let call) = request
            else { continue }
            unknown.append(index)
            texts.append(call.command(digest: nil))
        }
        guard !unknown.isEmpty else { return results }
        for (index, result) in zip(unknown, await send(texts, timeout: timeout)) {
            results[index] = result
        }
        return results
    }

    /// Runs scripts one after the other without waiting between them.
    package func run(
        _ calls: [ScriptCall], timeout: Duration = .seconds(10)
    ) async -> [Result<RedisReply, RedisError>] {
        await perform(calls.map(RedisRequest.script), timeout: timeout)
    }

    /// Runs one script.
    package func run(
        _ call: ScriptCall, timeout: Duration = .seconds(10)
    ) async throws(RedisError) -> RedisReply {
        try await run([call], timeout: timeout)[0].get()
    }

    /// Has Redis keep these scripts, and learns their digests.
    package func load(
        _ scripts: [RedisScript], timeout: Duration = .seconds(10)
    ) async throws(RedisError) {
        let commands = scripts.map { script in
            var command = RedisCommand(wordCount: 3, capacity: script.source.count + 64)
            command.append("SCRIPT")
            command.append("LOAD")
            command.append(script.source)
            return command
        }
        for (script, result) in zip(scripts, await send(commands, timeout: timeout)) {
            digests[script] = try result.get().asBytes()
        }
    }

    // MARK: - Life

    /// Closes the connection. What awaits an answer fails with `connectionLost`.
    package func close(reason: String = "closed") {
        guard let context else { return }
        if reasonOfEnd == nil { reasonOfEnd = reason }
        // Inside one of hiredis's own callbacks it frees the context a little later, by itself.
        redisAsyncFree(context)
    }

    /// Whether the connection is over.
    package var isClosed: Bool { context == nil }

    /// Suspends until the connection is over, and tells why.
    package func waitForEnd() async -> String {
        await withCheckedContinuation { continuation in
            if context == nil { return continuation.resume() }
            awaitsEnd.append(continuation)
        }
        return endReason
    }

    private var endReason: String { reasonOfEnd ?? "the connection is closed" }

    private func open() throws(RedisError) {
        let made =
            switch address.place {
            case .tcp(let host, let port): redisAsyncConnect(host, Int32(port))
            case .unix(let path): redisAsyncConnectUnix(path)
            }
        guard let made else {
            throw .unreachable(address: displayName, reason: "out of memory")
        }
        guard made.pointee.err == 0 else {
            let reason = Self.errorText(made)
            redisAsyncFree(made)
            throw .unreachable(address: displayName, reason: reason)
        }
        // On a Unix socket there is nothing to keep alive, and hiredis takes the refusal for an error.
        if case .tcp = address.place { redisEnableKeepAlive(&made.pointee.c) }
        do {
            source = try IOSource(loop: loop, descriptor: made.pointee.c.fd, events: []) {
                [weak self] ready in self?.assumeIsolated { $0.handle(ready) }
            }
            timer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.timePassed() }
            }
        } catch {
            source = nil
            redisAsyncFree(made)
            throw .unreachable(address: displayName, reason: error.description)
        }
        // hiredis holds the actor until `cleanUp`, the last of its calls that uses it.
        let retained = Unmanaged.passRetained(self).toOpaque()
        made.pointee.data = retained
        made.pointee.ev.data = retained
        made.pointee.ev.addRead = { RedisConnection.enter($0) { $0.watch(adding: .readable) } }
        made.pointee.ev.delRead = { RedisConnection.enter($0) { $0.watch(removing: .readable) } }
        made.pointee.ev.addWrite = { RedisConnection.enter($0) { $0.wantsToWrite() } }
        made.pointee.ev.delWrite = { RedisConnection.enter($0) { $0.watch(removing: .writable) } }
        made.pointee.ev.cleanup = { context in
            RedisConnection.enter(context) { $0.cleanUp() }
            if let context { Unmanaged<RedisConnection>.fromOpaque(context).release() }
        }
        context = made
    }
}

// MARK: - hiredis's side

extension RedisConnection {
    /// Enters the actor from one of hiredis's hooks, which all run on the loop.
    private static func enter(
        _ context: UnsafeMutableRawPointer?,
        _ body: (isolated RedisConnection) -> Void
    ) {
        guard let context else { return }
        Unmanaged<RedisConnection>.fromOpaque(context).takeUnretainedValue().assumeIsolated(body)
    }

    /// Called by hiredis once for each command, in order; without a reply when the connection ends.
    private static let onReply:
        @Sendable @convention(c) (
            UnsafeMutablePointer<redisAsyncContext>?, UnsafeMutableRawPointer?,
            UnsafeMutableRawPointer?
        ) -> Void = { context, reply, _ in
            let value = reply.map {
                RedisReply(copying: $0.assumingMemoryBound(to: redisReply.self))
            }
            enter(context?.pointee.data) { $0.receive(value) }
        }

    private func receive(_ reply: RedisReply?) {
        guard let request = requests.popFirst() else { return }
        switch reply {
        case .error(let code, let message):
            settle(request, .failure(.server(code: code, message: message)))
            endIfUnasked(nextByteRead)
        case let reply?:
            settle(request, .success(reply))
            endIfUnasked(nextByteRead)
        case nil:
            noteEnd()
            settle(
                request,
                .failure(.connectionLost(address: displayName, reason: endReason)))
        }
    }

    /// Notes one answer; the last one of a batch resumes who waits for it.
    private func settle(_ request: Request, _ result: Result<RedisReply, RedisError>) {
        let batch = request.batch
        batch.results[request.index] = result
        batch.left -= 1
        if batch.left == 0 { batch.continuation?.resume(returning: batch.results) }
    }

    private func handle(_ ready: IOEvents) {
        if ready.contains(.readable), requests.first == nil {
            endIfUnasked(nextByteWaiting ?? nextByteRead)
        }
        // Writable is only asked for while it connects, and while the socket is full: it tells of life, too.
        heard &+= 1
        if ready.callForReading, let context {
            redisAsyncHandleRead(context)
        }
        // Reading may have ended the connection.
        if ready.contains(.writable), let context {
            isFlushing = true
            redisAsyncHandleWrite(context)
            isFlushing = false
        }
    }

    /// Ends the connection when `byte`, the next one, belongs to an answer that nobody asked for:
    /// hiredis would end the process. An error it takes, because Redis tells one before it closes a
    /// connection that it does not want.
    private func endIfUnasked(_ byte: CChar?) {
        guard requests.first == nil, let byte, UInt8(bitPattern: byte) != UInt8(ascii: "-") else {
            return
        }
        close(reason: "an answer came that nobody had asked for")
    }

    /// The next byte that hiredis has read and not yet taken for an answer.
    private var nextByteRead: CChar? {
        guard let reader = context?.pointee.c.reader, reader.pointee.pos < reader.pointee.len else {
            return nil
        }
        return reader.pointee.buf[reader.pointee.pos]
    }

    /// The next byte that waits in the socket. The end and failures are hiredis's to find.
    private var nextByteWaiting: CChar? {
        guard let context else { return nil }
        var byte: CChar = 0
        let count = recv(context.pointee.c.fd, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 1 ? byte : nil
    }

    /// hiredis has bytes to send. They leave at the end of the tick, all at once; what does not fit
    /// into the socket waits until it is writable, as does everything before it is connected.
    private func wantsToWrite() {
        guard let context else { return }
        if isFlushing || context.pointee.c.flags & REDIS_CONNECTED == 0 {
            watch(adding: .writable)
        } else if !flushIsPlanned {
            flushIsPlanned = true
            loop.atEndOfTick { self.assumeIsolated { $0.flush() } }
        }
    }

    private func flush() {
        flushIsPlanned = false
        guard let context else { return }
        isFlushing = true
        redisAsyncHandleWrite(context)
        isFlushing = false
    }

    private func watch(adding added: IOEvents) { watch(events.union(added)) }
    private func watch(removing removed: IOEvents) { watch(events.subtracting(removed)) }

    private func watch(_ wanted: IOEvents) {
        guard wanted != events else { return }
        do {
            try source?.watch(wanted)
            events = wanted
        } catch {
            close(reason: error.description)
        }
    }

    private func cleanUp() {
        noteEnd()
        context = nil
        source = nil
        timer = nil
        for waiter in awaitsEnd { waiter.resume() }
        awaitsEnd = []
    }

    /// Keeps hiredis's reason while its context can still be read.
    private func noteEnd() {
        guard reasonOfEnd == nil, let context else { return }
        reasonOfEnd = context.pointee.err == 0 ? "closed" : Self.errorText(context)
    }

    private static func errorText(_ context: UnsafeMutablePointer<redisAsyncContext>) -> String {
        guard let text = context.pointee.errstr ?? nil else { return "unknown error" }
        return String(cString: text)
    }
}

// MARK: - Time

extension RedisConnection {
    /// One timer, set for the earliest deadline and not for each: answers come in order, so an overdue
    /// answer is found at the head (or a little late, behind a longer limit).
    private func armTimer(_ deadline: ContinuousClock.Instant) {
        if let timerTime, timerTime <= deadline { return }
        do {
            try timer?.set(after: deadline - .now)
            timerTime = deadline
        } catch {
            close(reason: error.description)
        }
    }

    private func timePassed() {
        timerTime = nil
        guard let first = requests.first else { return }
        let now = ContinuousClock.now
        guard first.deadline <= now else {
            heardWhenLate = nil
            return armTimer(first.deadline)
        }
        let limit = first.batch.limit
        // What waits in the socket was not read yet because this process stood still.
        let isSilent =
            heard == heardWhenLate ?? first.batch.heard && nextByteWaiting == nil
        if isSilent || first.deadline + limit * Self.mostPatience <= now {
            return close(reason: "no answer in time")
        }
        heardWhenLate = heard
        armTimer(now + max(limit / 2, Self.shortestPatience))
    }

    /// Half of a limit is time enough for a sign of life on the way to an answer that is overdue.
    private static let shortestPatience = Duration.milliseconds(10)
    /// So many limits more are granted to an answer that keeps coming.
    private static let mostPatience = 9
}
