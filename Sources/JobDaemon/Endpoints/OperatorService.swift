import JobControl
import JobQueue
import LinuxSystem

/// What reads the configuration anew.
protocol ConfigurationReader: Sendable {
    func reload(askedBy who: String) async -> Reloader.Result
    func check() async -> Reloader.Result
}

extension Reloader: ConfigurationReader {}

/// What the control socket offers, over the broker's faces for operators and producers.
struct OperatorService: ControlService {
    let broker: any Producer & OperatorBroker
    let counts: SharedStats
    let worker: Worker
    let stop: StopSwitch
    let reloader: any ConfigurationReader
    let clock: any JobClock
    let log: any LogSink
    var random = RandomSource.system

    func stats() async throws -> ControlStats {
        let stats = try await answered { try await counts.fresh() }
        var totals = ControlTotals()
        for queue in stats.queues { totals.add(ControlTotals(queue.totals)) }
        return ControlStats(
            queues: stats.queues.map(QueueCounts.init), totals: totals,
            more: stats.isCut ? true : nil)
    }

    func queues() async throws -> [ControlQueue] {
        try await answered {
            try await counts.fresh().queues.map { queue in
                ControlQueue(
                    queue: queue.queue.description, isPaused: queue.isPaused,
                    workers: queue.workers, totals: ControlTotals(queue.totals))
            }
        }
    }

    func workers() async throws -> GetWorkers.Reply {
        try await answered {
            let workers = try await broker.workers()
            let listed = workers.prefix(WorkerInfo.listLimit)
            return GetWorkers.Reply(
                workers: listed.map(ControlWorker.init),
                more: workers.count > listed.count ? true : nil)
        }
    }

    func enqueue(_ order: EnqueueOrder) async throws -> [EnqueuedJob] {
        let job = try NewJob(order)
        let jobs = Array(repeating: job, count: order.count ?? 1)
        return try await answered {
            var enqueued: [EnqueuedJob] = []
            // A megabyte at a time: on its way each is in memory several times. They are alike, so a later part
            // is acceptable when the first is.
            for part in NewJob.parts(of: jobs, bytes: 1 << 20) {
                try Task.checkCancellation()
                do {
                    enqueued += try await broker.enqueue(Array(part)).map(EnqueuedJob.init)
                } catch let error as BrokerError where !enqueued.isEmpty {
                    throw error.after(enqueued.count, of: jobs.count)
                }
            }
            return enqueued
        }
    }

    func pause(_ queues: [String]) async throws -> [String] {
        let queues = try await named(queues)
        try await answered { try await broker.pause(queues) }
        note(.queuePaused, "paused", queues)
        return queues.map(\.description)
    }

    func resume(_ queues: [String]) async throws -> [String] {
        let queues = try await named(queues)
        try await answered { try await broker.resume(queues) }
        note(.queueResumed, "resumed", queues)
        return queues.map(\.description)
    }

    func deadJobs(in queue: String?, limit: Int) async throws -> [ControlJob] {
        var name: QueueName?
        if let queue {
            name = QueueName(queue)
            if name == nil { throw ControlError.invalidParameter("queue") }
        }
        return try await answered {
            try await broker.dead(in: name, limit: limit).map(ControlJob.init)
        }
    }

    func jobs(withID id: String) async throws -> [ControlJob] {
        guard let id = JobID(id) else { throw ControlError.invalidParameter("id") }
        return try await answered {
            var jobs = try await broker.find(id).map(ControlJob.init)
            for queue in try await broker.stats().queues.map(\.queue) {
                // A dead job is found where it lies, or was deleted.
                guard let receipt = try await receipt(of: id, in: queue), receipt.end == .done
                else { continue }
                jobs.append(ControlJob(receipt, in: queue))
            }
            return jobs
        }
    }

    func job(
        withID id: String, in queue: String?, endedWithin limit: Duration
    ) async throws -> WaitOutcome {
        guard let id = JobID(id) else { throw ControlError.invalidParameter("id") }
        guard let queue = queue.map({ QueueName($0) }) ?? .default else {
            throw ControlError.invalidParameter("queue")
        }
        let deadline = clock.now.advanced(by: limit)
        var pause = Duration.milliseconds(5)
        while true {
            if let receipt = try await answered({ try await receipt(of: id, in: queue) }) {
                return .ended(ControlJob(receipt, in: queue))
            }
            let left = deadline.since(clock.now)
            guard left > .zero else {
                let isRemembered = try await answered { try await broker.remembers(id, in: queue) }
                return .open(isRemembered: isRemembered)
            }
            try await clock.sleep(for: min(pause, left))
            pause = min(pause * 3 / 2, Self.longestPause)
        }
    }

    /// Between two looks at a job that takes long.
    private static let longestPause = Duration.milliseconds(250)

    private func receipt(of id: JobID, in queue: QueueName) async throws -> JobReceipt? {
        try await broker.receipt(of: id, in: queue).flatMap { JobReceipt($0) }
    }

    func requeue(_ selection: ControlSelection) async throws -> ControlChange {
        let meant = try DeadSelection(selection)
        let result = try await answered { try await broker.requeue(meant) }
        note(.jobsRequeued, "requeued", result)
        return ControlChange(result, of: selection)
    }

    func delete(_ selection: ControlSelection) async throws -> ControlChange {
        let meant = try DeadSelection(selection)
        let result = try await answered { try await broker.delete(meant) }
        note(.jobsDeleted, "deleted", result)
        return ControlChange(result, of: selection)
    }

    func exportJobs(after text: String?) async throws -> Export.Reply {
        let position = text.flatMap { ExportPosition($0) }
        if text != nil && position == nil { throw ControlError.invalidParameter("after") }
        let page = try await answered {
            try await broker.exportJobs(behind: position, bytes: Export.pageBytes)
        }
        // Of a record that is larger than a frame only the beginning is here.
        let whole = page.records.filter { $0.wholeSize == nil }
        var reply = Export.Reply(
            jobs: whole.map { record in
                MovedJob(record, otherwise: JobID.random(random))
            }, next: page.next?.description)
        reply.leftOut = page.records.filter { $0.wholeSize != nil }.map {
            $0.id?.description ?? "?"
        }
        return reply
    }

    func importJobs(_ jobs: [MovedJob]) async throws -> Import.Reply {
        var reply = Import.Reply()
        func refuse(_ job: MovedJob, _ reason: String) {
            reply.refused.append(
                .init(id: job.id.clipped(toBytes: 64), reason: reason.clipped(toBytes: 200)))
        }
        var lines: [MovedJob] = []
        var taken: [ImportedJob] = []
        for line in jobs {
            do throws(LineRefused) {
                taken.append(try ImportedJob(line))
                lines.append(line)
            } catch {
                refuse(line, error.reason)
            }
        }
        let accepted = taken
        let results = try await answered { try await broker.importJobs(accepted) }
        for (line, result) in zip(lines, results) {
            switch result {
            case .added: reply.imported += 1
            case .known: reply.known += 1
            case .refused(let reason): refuse(line, reason)
            }
        }
        if reply.imported > 0 {
            log.write(
                LogRecord(
                    level: .notice,
                    message: "\(Self.anOperator) imported "
                        + ReadableNumber.text(reply.imported, "job")))
        }
        return reply
    }

    func reloadConfiguration() async throws -> Reload.Reply {
        switch await reloader.reload(askedBy: Self.client) {
        case .done(let warnings):
            return Reload.Reply(isReloaded: true, errors: [], warnings: warnings)
        case .refused(let errors):
            return Reload.Reply(isReloaded: false, errors: errors, warnings: [])
        case .stopping: throw ControlError.refused(reason: "the daemon is stopping")
        }
    }

    func checkConfiguration() async throws -> Check.Reply {
        switch await reloader.check() {
        case .done(let warnings): Check.Reply(errors: [], warnings: warnings)
        case .refused(let errors): Check.Reply(errors: errors, warnings: [])
        case .stopping: throw ControlError.refused(reason: "the daemon is stopping")
        }
    }

    /// Who has called, for the log.
    private static var client: String {
        PeerCredentials.caller.map { "jobqueuectl, \($0.logText)" } ?? "jobqueuectl"
    }

    private static var anOperator: String {
        PeerCredentials.caller.map { "an operator (\($0.logText))" } ?? "an operator"
    }

    func drain() async throws -> DrainReply {
        stop.ask("asked by \(Self.client)")
        return DrainReply(
            running: worker.workbench.occupancy.busy,
            timeout: worker.options.drainTimeout.wholeMilliseconds)
    }
}

extension OperatorService {
    /// The queues of these names; none means every known one.
    private func named(_ names: [String]) async throws -> [QueueName] {
        if names.isEmpty {
            return try await answered { try await broker.stats().queues.map(\.queue) }
        }
        return try names.map { name in
            guard let queue = QueueName(name) else {
                throw ControlError.refused(reason: "'\(name)' is no name of a queue")
            }
            return queue
        }
    }

    /// Tells the broker's errors in the protocol's words.
    private func answered<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as BrokerError {
            switch error {
            case .unreachable, .outcomeUnknown:
                throw ControlError.brokerUnreachable(reason: error.description)
            case .invalid(let reason): throw ControlError.invalidJob(reason: reason)
            case .leaseLost, .refused: throw ControlError.refused(reason: error.description)
            }
        }
    }

    private func note(_ id: MessageID, _ verb: String, _ queues: [QueueName]) {
        let names = queues.map(\.description).joined(separator: ", ")
        log.write(
            LogRecord(
                level: .notice, messageID: id,
                message: "\(Self.anOperator) \(verb) queues: \(names)"))
    }

    private func note(_ id: MessageID, _ verb: String, _ result: OperatorResult) {
        guard result.count > 0 else { return }
        log.write(
            LogRecord(
                level: .notice, messageID: id,
                message: "\(Self.anOperator) \(verb) "
                    + ReadableNumber.text(result.count, "job")))
    }
}
