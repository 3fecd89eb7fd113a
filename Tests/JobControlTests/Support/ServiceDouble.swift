import JobControl
import TestSupport

/// A daemon behind the control server: keeps what it is asked, and answers what a test has set.
final class ServiceDouble: ControlService {
    enum Call: Sendable, Equatable {
        case stats, queues, workers, reload, check, drain
        case enqueue(EnqueueOrder)
        case pause([String])
        case resume([String])
        case deadJobs(queue: String?, limit: Int)
        case jobs(id: String)
        case ended(id: String, queue: String?, within: Duration)
        case requeue(ControlSelection)
        case delete(ControlSelection)
        case export(after: String?)
        case importJobs([MovedJob])
    }

    struct Answers: Sendable {
        var stats = Sample.stats
        var queues = Sample.queues
        var workers = Sample.workers
        /// `nil`: one job for each that is ordered, `j1`, `j2` and so on.
        var enqueued: [EnqueuedJob]?
        var dead: [ControlJob] = []
        var found: [ControlJob] = []
        /// One for each time that it is waited for; then it has not ended.
        var ended: [ControlJob?] = []
        var isRemembered = true
        /// `nil`: whatever is asked for is changed.
        var change: ControlChange?
        /// One page for each call: `next` is the number of the one that follows.
        var pages: [[MovedJob]] = []
        var imported: Import.Reply?
        var reloaded = Reload.Reply(isReloaded: true, errors: [], warnings: [])
        var checked = Check.Reply(errors: [], warnings: [])
        /// Thrown instead of an answer.
        var failure: (any Error)?
        /// From this call on, counted from 1, all are refused.
        var failsFromCall = Int.max
        /// Calls that are not answered while they are in here, until one of them is cancelled.
        var held: [Call] = []
        /// A held call ends when it is cancelled.
        var heedsCancellation = true
        fileprivate var cancellations = 0
    }

    let calls = Watched<[Call]>([])
    let answers = Watched(Answers())

    /// Calls that were ended because they took too long, or because the client had gone.
    var cancellations: Int { answers.value.cancellations }

    /// Waits for a call, and fails when it never comes.
    func expectCall(_ call: Call) async throws {
        guard await calls.wait(within: .seconds(20), until: { $0.contains(call) }) != nil else {
            throw TestSupportError("never asked for \(call); only for \(calls.value)")
        }
    }

    // MARK: - What is asked

    func stats() async throws -> ControlStats { try await answer(to: .stats).stats }
    func queues() async throws -> [ControlQueue] { try await answer(to: .queues).queues }
    func workers() async throws -> GetWorkers.Reply {
        GetWorkers.Reply(workers: try await answer(to: .workers).workers)
    }

    func enqueue(_ order: EnqueueOrder) async throws -> [EnqueuedJob] {
        let enqueued = try await answer(to: .enqueue(order)).enqueued
        return enqueued
            ?? (1...(order.count ?? 1)).map { EnqueuedJob(id: "j\($0)", isDuplicate: false) }
    }

    func pause(_ queues: [String]) async throws -> [String] {
        let all = try await answer(to: .pause(queues)).queues.map(\.queue)
        return queues.isEmpty ? all : queues
    }

    func resume(_ queues: [String]) async throws -> [String] {
        let all = try await answer(to: .resume(queues)).queues.map(\.queue)
        return queues.isEmpty ? all : queues
    }

    func deadJobs(in queue: String?, limit: Int) async throws -> [ControlJob] {
        Array(try await answer(to: .deadJobs(queue: queue, limit: limit)).dead.prefix(limit))
    }

    func jobs(withID id: String) async throws -> [ControlJob] {
        try await answer(to: .jobs(id: id)).found
    }

    func job(
        withID id: String, in queue: String?, endedWithin limit: Duration
    ) async throws -> WaitOutcome {
        let isRemembered = try await answer(to: .ended(id: id, queue: queue, within: limit))
            .isRemembered
        let job = answers.update { $0.ended.isEmpty ? nil : $0.ended.removeFirst() }
        return job.map(WaitOutcome.ended) ?? .open(isRemembered: isRemembered)
    }

    func reloadConfiguration() async throws -> Reload.Reply {
        try await answer(to: .reload).reloaded
    }

    func checkConfiguration() async throws -> Check.Reply {
        try await answer(to: .check).checked
    }

    func requeue(_ selection: ControlSelection) async throws -> ControlChange {
        try await change(.requeue(selection), selection)
    }

    func delete(_ selection: ControlSelection) async throws -> ControlChange {
        try await change(.delete(selection), selection)
    }

    func exportJobs(after position: String?) async throws -> Export.Reply {
        let pages = try await answer(to: .export(after: position)).pages
        let number = position.flatMap { Int($0) } ?? 0
        return Export.Reply(
            jobs: pages.isEmpty ? [] : pages[number],
            next: number + 1 < pages.count ? "\(number + 1)" : nil)
    }

    func importJobs(_ jobs: [MovedJob]) async throws -> Import.Reply {
        var reply = Import.Reply()
        reply.imported = jobs.count
        return try await answer(to: .importJobs(jobs)).imported ?? reply
    }

    func drain() async throws -> DrainReply {
        _ = try await answer(to: .drain)
        return DrainReply(running: 2, timeout: 30_000)
    }

    // MARK: - Parts

    private func change(
        _ call: Call, _ selection: ControlSelection
    ) async throws -> ControlChange {
        if let change = try await answer(to: call).change { return change }
        let ids = if case .ids(let ids) = selection { ids } else { ["d1", "d2"] }
        return ControlChange(changed: ids, unchanged: [], of: selection)
    }

    private func answer(to call: Call) async throws -> Answers {
        let number = calls.update { calls in
            calls.append(call)
            return calls.count
        }
        await withTaskCancellationHandler {
            _ = await answers.wait(within: .seconds(120)) { answers in
                !answers.held.contains(call)
                    || (answers.heedsCancellation && answers.cancellations > 0)
            }
        } onCancel: {
            answers.update { $0.cancellations += 1 }
        }
        try Task.checkCancellation()
        if number >= answers.value.failsFromCall { throw ControlError.refused(reason: "no more") }
        if let failure = answers.value.failure { throw failure }
        return answers.value
    }
}
