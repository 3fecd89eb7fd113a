import JobControl

/// A daemon behind the control server that has an answer to everything, with what it was asked in it.
struct AnsweringService: ControlService {
    func stats() -> ControlStats {
        ControlStats(queues: [QueueCounts(queue: "é")], totals: .init())
    }

    func queues() -> [ControlQueue] {
        [ControlQueue(queue: "mail", isPaused: true, workers: .max, totals: .init(done: .min))]
    }

    func workers() -> GetWorkers.Reply {
        GetWorkers.Reply(workers: [
            ControlWorker(id: "w", queues: ["\u{1B}[2J"], active: 0, leaseLeft: .min)
        ])
    }

    func enqueue(_ order: EnqueueOrder) -> [EnqueuedJob] {
        (0..<(order.count ?? 1)).map {
            EnqueuedJob(id: order.id ?? "\(order.type)\($0)", isDuplicate: order.uniqueKey != nil)
        }
    }

    func pause(_ queues: [String]) -> [String] { queues }

    func resume(_ queues: [String]) throws -> [String] {
        throw ControlError.refused(reason: queues.joined())
    }

    func deadJobs(in queue: String?, limit: Int) -> [ControlJob] {
        (0..<min(limit, 3)).map { _ in job(id: queue ?? "") }
    }

    func jobs(withID id: String) -> [ControlJob] { [job(id: id)] }

    func job(withID id: String, in queue: String?, endedWithin limit: Duration) -> WaitOutcome {
        queue == nil ? .open(isRemembered: false) : .ended(job(id: id))
    }

    func checkConfiguration() async throws -> Check.Reply {
        Check.Reply(errors: ["c"], warnings: [])
    }

    func reloadConfiguration() -> Reload.Reply {
        Reload.Reply(isReloaded: false, errors: ["x"], warnings: [])
    }

    func requeue(_ selection: ControlSelection) -> ControlChange {
        guard case .ids(let ids) = selection else {
            return ControlChange(changed: [], unchanged: [], of: selection)
        }
        let unchanged = ids.prefix(2).map { ControlChange.Unchanged(id: $0, reason: $0) }
        return ControlChange(changed: [], unchanged: unchanged, of: selection)
    }

    func delete(_ selection: ControlSelection) throws -> ControlChange { throw CancellationError() }

    func exportJobs(after position: String?) -> Export.Reply {
        var job = MovedJob(id: position ?? "", queue: "mail", state: .pending, time: .min)
        job.record = position
        return Export.Reply(jobs: [job], next: position)
    }

    func importJobs(_ jobs: [MovedJob]) -> Import.Reply {
        var reply = Import.Reply()
        reply.imported = jobs.count
        reply.refused = jobs.prefix(2).map { ControlChange.Unchanged(id: $0.id, reason: $0.queue) }
        return reply
    }

    func drain() -> DrainReply { DrainReply(running: 1, timeout: .max) }

    private func job(id: String) -> ControlJob {
        var job = ControlJob(state: .dead, queue: "mail", id: id)
        job.payload = id
        job.lastError = id
        return job
    }
}
