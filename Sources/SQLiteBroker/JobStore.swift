import JobQueue
import LinuxSystem
import Synchronization

/// An open file of jobs and the thread that works on it. Every broker of this process that uses the file
/// shares it.
package final class JobStore: Sendable {
    package let address: SQLiteAddress
    let options: JobStoreOptions
    let waitingRoom = WaitingRoom()
    private let mailbox: Mailbox
    private let ending = Ending()

    private init(_ address: SQLiteAddress, _ options: JobStoreOptions) throws {
        self.address = address
        self.options = options
        mailbox = try Mailbox()
    }

    /// Opens a file on a thread of its own. Throws `JobFileError` when it cannot be used.
    package static func open(
        _ address: SQLiteAddress, options: JobStoreOptions
    ) async throws -> JobStore {
        let store = try JobStore(address, options)
        try await withCheckedThrowingContinuation { continuation in
            let (mailbox, waitingRoom, ending) = (store.mailbox, store.waitingRoom, store.ending)
            do {
                try BackgroundThread.start(named: "sqlite") {
                    work(address, options, mailbox, waitingRoom) { continuation.resume(with: $0) }
                    ending.hasCome()
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return store
    }

    deinit { mailbox.close() }

    /// How many requests wait for the thread.
    var waitingRequests: Int { mailbox.count }

    /// What the thread does.
    ///
    /// - Parameter opened: told once whether the file can be used.
    private static func work(
        _ address: SQLiteAddress, _ options: JobStoreOptions, _ mailbox: Mailbox,
        _ waitingRoom: WaitingRoom, opened: (Result<Void, any Error>) -> Void
    ) {
        let file: JobFile
        do {
            file = try JobFile(
                address, clock: options.clock, busyTimeout: options.busyTimeout)
        } catch {
            return opened(.failure(error))
        }
        opened(.success(()))
        var loop = CommitLoop(
            file: file, mailbox: mailbox, waitingRoom: waitingRoom, options: options)
        loop.run()
    }

    /// Answers what is under way, and closes the file. What is asked later is refused.
    package func close() async {
        mailbox.close()
        await ending.wait()
    }

    /// Carries `body` out on the file's thread, in a transaction with others unless it only looks. Once
    /// asked it is not cancelled.
    ///
    /// - Parameter body: May be called again when the transaction was undone for another's sake.
    func perform<Value: Sendable>(
        _ kind: Request.Kind, _ body: @escaping @Sendable (inout JobFile) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let request = Request(kind, body, answering: continuation)
            if !mailbox.put(request) {
                request.refuse(BrokerError.refused(reason: "\(address) is closed"))
            }
        }
    }
}

/// The end of a thread, which any number of tasks may wait for, also ones that are cancelled.
private final class Ending: Sendable {
    private struct State {
        var hasCome = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func hasCome() {
        let waiters = state.withLock { state in
            state.hasCome = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasCome = state.withLock { state in
                if !state.hasCome { state.waiters.append(continuation) }
                return state.hasCome
            }
            if hasCome { continuation.resume() }
        }
    }
}
