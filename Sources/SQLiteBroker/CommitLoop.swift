import JobQueue
import LinuxSystem
import SQLite

/// The thread of one file: takes what has come together while the last commit was under way, and carries
/// it out in one transaction. So callers that come at the same time share one wait for the disk.
struct CommitLoop: ~Copyable {
    private var file: JobFile
    private let mailbox: Mailbox
    private let waitingRoom: WaitingRoom
    private let options: JobStoreOptions
    private var lastLook = MonotonicTime(nanoseconds: 0)
    /// Another process keeps the file locked.
    private var isLockedOut = false
    private var lastPlaceLook = MonotonicTime(nanoseconds: 0)
    /// How the path does not lead to the open file; `nil`: it does.
    private var loss: FilePlace.Loss?

    init(
        file: consuming JobFile, mailbox: Mailbox, waitingRoom: WaitingRoom,
        options: JobStoreOptions
    ) {
        self.file = file
        self.mailbox = mailbox
        self.waitingRoom = waitingRoom
        self.options = options
    }

    /// Returns when the mailbox is closed and empty.
    mutating func run() {
        while true {
            // Only who waits for work is interested in what other processes do.
            let mustLook = file.isShared && !waitingRoom.isEmpty
            let pause = file.place == nil ? nil : Self.placeInterval
            switch mailbox.take(within: mustLook ? Self.lookInterval : pause) {
            case .requests(let requests): carryOut(requests)
            case .nothing: break
            case .closed: return putLogAside()
            }
            lookAtPlaceSometimes()
            if mustLook { lookForOthers() }
        }
    }

    private mutating func carryOut(_ requests: [Request]) {
        guard requests.contains(where: { $0.kind == .promise }), !isInPlace() else {
            return carryOutInPlace(requests)
        }
        let reason = loss?.description ?? ""
        for request in requests where request.kind == .promise {
            request.refuse(BrokerError.refused(reason: reason))
        }
        carryOutInPlace(requests.filter { $0.kind != .promise })
    }

    private mutating func carryOutInPlace(_ requests: [Request]) {
        if requests.count > 1, carryOutTogether(requests) { return }
        for request in requests { carryOutAlone(request) }
    }

    /// - Returns: `false`: nothing was changed and nobody was told; each must be tried alone, so that
    ///   the error of one is not that of all.
    private mutating func carryOutTogether(_ requests: [Request]) -> Bool {
        guard requests.contains(where: { $0.kind != .look }) else { return false }
        if let error = begin(waitsForDisk: requests.contains { $0.kind.waitsForDisk }) {
            for request in requests {
                if request.kind == .look { carryOutAlone(request) } else { request.refuse(error) }
            }
            return true
        }
        var attempts: [Request.Attempt] = []
        attempts.reserveCapacity(requests.count)
        for request in requests {
            let before = file.database.totalChanges
            let attempt = request.attempt(&file)
            // A refusal that has changed nothing does not concern the others.
            if let error = attempt.error,
                error is SQLiteError || file.database.totalChanges != before
            {
                undo()
                return false
            }
            attempts.append(attempt)
        }
        guard commit() == nil else { return false }
        for attempt in attempts { attempt.tell(nil) }
        return true
    }

    private mutating func carryOutAlone(_ request: Request, mayMakeRoom: Bool = true) {
        if request.kind == .look {
            let attempt = request.attempt(&file)
            return attempt.tell(attempt.error.flatMap { told($0) })
        }
        if let error = begin(waitsForDisk: request.kind.waitsForDisk) {
            return request.refuse(error)
        }
        let attempt = request.attempt(&file)
        var error = attempt.error
        if error != nil {
            undo()
        } else {
            error = commit()
        }
        if mayMakeRoom, (error as? SQLiteError)?.kind == .full, makeRoom() {
            return carryOutAlone(request, mayMakeRoom: false)
        }
        attempt.tell(error.flatMap { told($0, wasCommitting: attempt.error == nil) })
    }

    /// What whoever asked is told of an error of SQLite; all others are told as they are.
    private func told(_ error: any Error, wasCommitting: Bool = false) -> BrokerError? {
        (error as? SQLiteError).map {
            BrokerError($0, path: file.path, wasCommitting: wasCommitting)
        }
    }

    private static let lookInterval = Duration.milliseconds(50)
    private static let placeInterval = Duration.seconds(1)
}

// MARK: - The file's place

extension CommitLoop {
    /// Whether the path leads to the open file. A change is told.
    private mutating func isInPlace() -> Bool {
        lastPlaceLook = file.clock.now
        let found = file.place?.loss()
        if found != loss {
            loss = found
            tellState()
        }
        return found == nil
    }

    private mutating func lookAtPlaceSometimes() {
        guard file.place != nil, file.clock.now.since(lastPlaceLook) >= Self.placeInterval else {
            return
        }
        _ = isInPlace()
    }

    private func tellState() {
        options.changed(loss.map { .unfit(reason: $0.description) } ?? .up(warnings: []))
    }

    private func putLogAside() {
        do throws(SystemError) {
            try file.place?.putLogAside()
        } catch {
            options.changed(
                .unfit(reason: "\(error); remove it before the next start: it is not this file's"))
        }
    }
}

// MARK: - Transactions

extension CommitLoop {
    /// - Returns: why there is no transaction; `nil`: there is.
    private mutating func begin(waitsForDisk: Bool) -> BrokerError? {
        do {
            try file.begin(waitsForDisk && options.durability == .full ? .full : .normal)
            if isLockedOut {
                isLockedOut = false
                tellState()
            }
            return nil
        } catch {
            undo()
            let told = BrokerError(error, path: file.path, wasCommitting: false)
            if error.kind == .busy, !isLockedOut {
                isLockedOut = true
                options.changed(.down(reason: told.description))
            }
            return told
        }
    }

    /// - Returns: why it was undone; `nil`: it lasts, and who waits for what it brought is woken.
    private mutating func commit() -> SQLiteError? {
        do {
            waitingRoom.ring(try file.commit())
            return nil
        } catch {
            undo()
            return error
        }
    }

    private mutating func undo() {
        // It fails only when SQLite has undone it already; else the next `begin` tells.
        try? file.rollback()
    }

    /// The disk is full: what the log holds is copied to where it has its place already, so that the log's
    /// own room can be used again.
    ///
    /// - Returns: whether there is some.
    private mutating func makeRoom() -> Bool {
        // When that cannot be done either, whoever asked is told of the first error.
        (try? file.database.checkpoint()) ?? false
    }

    /// Wakes who waits for jobs that another process has put in.
    private mutating func lookForOthers() {
        let now = file.clock.now
        guard now.since(lastLook) >= Self.lookInterval else { return }
        lastLook = now
        do {
            waitingRoom.ring(try file.queuesAwakenedByOthers())
        } catch {
            // The next look tries again; what is wrong with the file is told by the next claim.
        }
    }
}
