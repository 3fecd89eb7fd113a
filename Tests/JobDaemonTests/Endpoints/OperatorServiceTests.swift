import JobControl
import JobQueue
import LinuxSystem
import TestSupport
import Testing

@testable import JobDaemon

@Suite("What the control socket offers")
struct OperatorServiceTests {
    private let broker = OperatorBrokerDouble()
    private let log = LogCapture()
    private let stop = StopSwitch()
    private let clock = SteppedClock()
    private let service: OperatorService

    init() {
        service = OperatorService(
            broker: broker,
            counts: SharedStats(clock: clock, on: nil) { [broker] in try await broker.stats() },
            worker: .forTests(slots: 4), stop: stop,
            reloader: ReaderDouble(result: .refused(errors: ["x.conf:1: what"])), clock: clock,
            log: log)
    }

    private func stats(_ names: String...) {
        broker.answers.update { $0.stats = BrokerStats(queues: names.map { Sample.stats($0) }) }
    }

    // MARK: - What is kept of a job's end

    private func receipt(_ end: JobReceipt.End, result: String? = nil) -> [UInt8] {
        let record = #"{"type":"work","id":"a","attempts":2,"last_error":"no luck"}"#
        return JobReceipt(
            end: end, attempt: 2, startedAt: 1_000, endedAt: 3_000,
            result: result.map { Payload(Array($0.utf8)) }, envelope: Array(record.utf8)
        ).encoded()
    }

    @Test("a job that is done is shown, with its result, where its end is kept")
    func showsDone() async throws {
        stats("default", "mail")
        broker.answers.update { [self] in $0.receipts = [nil, receipt(.done, result: "[7]")] }
        let job = try #require(try await service.jobs(withID: "a").first)
        #expect(job.state == .done)
        #expect(job.queue == "mail")
        #expect(job.result == "[7]")
        #expect(job.endedAt == 3_000)
        #expect(job.diedAt == nil)
        #expect(job.attempts == 2)
        #expect(job.history == [ControlAttempt(number: 2, startedAt: 1_000, endedAt: 3_000)])
    }

    @Test("whoever waits for a job hears of its end when it has come")
    func waits() async throws {
        broker.answers.update { [self] in $0.receipts = [nil, nil, receipt(.dead)] }
        async let waiting = service.job(withID: "a", in: nil, endedWithin: .seconds(20))
        for _ in 0..<2 {
            try await clock.awaitSleeper(atMost: .seconds(1))
            clock.advance(by: .seconds(1))
        }
        guard case .ended(let job) = try await waiting else {
            Issue.record("it has not ended")
            return
        }
        #expect(job.state == .dead)
        #expect(job.diedAt == 3_000)
        #expect(job.lastError == "no luck")
    }

    @Test("whoever waits for a job that does not end hears so when the time is over")
    func waitsInVain() async throws {
        async let waiting = service.job(withID: "a", in: "mail", endedWithin: .seconds(1))
        try await clock.awaitSleeper(atMost: .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(try await waiting == .open(isRemembered: true))
        #expect(broker.calls.value.contains(.receipt(JobID("a")!, QueueName("mail")!)))
    }

    @Test("a reload that is refused is told with its reasons")
    func reload() async throws {
        #expect(
            try await service.reloadConfiguration()
                == Reload.Reply(isReloaded: false, errors: ["x.conf:1: what"], warnings: []))
    }

    // MARK: - Looking

    @Test("the totals are those of all queues together")
    func totals() async throws {
        var mail = Sample.stats("mail", pending: 1)
        mail.totals.done = 10
        mail.totals.dead = 1
        mail.totals.retried = 2
        mail.totals.recovered = 3
        var low = Sample.stats("low")
        low.totals.done = 5
        broker.answers.update { [mail, low] in $0.stats = BrokerStats(queues: [mail, low]) }
        let stats = try await service.stats()
        #expect(stats.queues.map(\.queue) == ["mail", "low"])
        #expect(stats.totals == ControlTotals(done: 15, dead: 1, retried: 2, recovered: 3))
    }

    @Test("absurd totals, which anybody can write into Redis, are summed without a trap")
    func absurdTotals() async throws {
        var queue = Sample.stats("mail")
        queue.totals.done = .max
        queue.totals.dead = .min
        queue.totals.retried = .max
        queue.totals.recovered = .min
        broker.answers.update { [queue] in $0.stats = BrokerStats(queues: [queue, queue]) }
        let totals = try await service.stats().totals
        #expect(totals == ControlTotals(done: .max, dead: .min, retried: .max, recovered: .min))
    }

    @Test("a queue is told with how many daemons work on it")
    func queues() async throws {
        broker.answers.update { answers in
            var (mail, low) = (Sample.stats("mail"), Sample.stats("low"))
            (mail.workers, low.workers) = (2, 1)
            answers.stats = BrokerStats(queues: [mail, low])
            answers.workers = [
                WorkerInfo(id: "w1", queues: ["mail"], active: 0, leaseLeft: .zero),
                WorkerInfo(id: "w2", queues: ["low", "mail"], active: 0, leaseLeft: .zero),
            ]
        }
        let queues = try await service.queues()
        #expect(queues.map(\.queue) == ["mail", "low"])
        #expect(queues.map(\.workers) == [2, 1])
        #expect(try await service.workers().workers.map(\.id) == ["w1", "w2"])
    }

    @Test("dead jobs and jobs by id are looked for as asked")
    func jobs() async throws {
        broker.answers.update { answers in
            answers.records = [
                JobRecord(
                    queue: .default, state: .dead,
                    envelope: Array(#"{"type":"work","id":"j1"}"#.utf8))
            ]
        }
        #expect(try await service.deadJobs(in: nil, limit: 5).map(\.id) == ["j1"])
        #expect(try await service.deadJobs(in: "mail", limit: 6).count == 1)
        #expect(try await service.jobs(withID: "j1").count == 1)
        #expect(
            broker.calls.value == [
                .dead(nil, limit: 5), .dead(Sample.queue("mail"), limit: 6), .find(Sample.id("j1")),
                .stats,
            ])
    }

    @Test("names that cannot be are not asked for")
    func badNames() async {
        await #expect(throws: ControlError.invalidParameter("queue")) {
            try await service.deadJobs(in: "No", limit: 1)
        }
        await #expect(throws: ControlError.invalidParameter("id")) {
            try await service.jobs(withID: "a b")
        }
        await #expect(throws: ControlError.refused(reason: "'No' is no name of a queue")) {
            try await service.pause(["mail", "No"])
        }
        await #expect(throws: ControlError.invalidJob(reason: "'a b' is no name of a job type")) {
            try await service.enqueue(EnqueueOrder(type: "a b"))
        }
        await #expect(throws: ControlError.invalidParameter("type")) {
            try await service.requeue(.all(type: "a b"))
        }
        #expect(broker.calls.value.isEmpty && log.records.value.isEmpty)
    }

    // MARK: - Changing

    @Test("named queues are paused and resumed, and the log says so")
    func pause() async throws {
        #expect(try await service.pause(["mail", "low"]) == ["mail", "low"])
        #expect(try await service.resume(["mail"]) == ["mail"])
        let queues = [Sample.queue("mail"), Sample.queue("low")]
        #expect(broker.calls.value == [.pause(queues), .resume([queues[0]])])
        #expect(
            log.records.value == [
                LogRecord(
                    level: .notice, messageID: .queuePaused,
                    message: "an operator paused queues: mail, low"),
                LogRecord(
                    level: .notice, messageID: .queueResumed,
                    message: "an operator resumed queues: mail"),
            ])
    }

    @Test("no queue named means every known one")
    func pauseAll() async throws {
        stats("a", "b")
        #expect(try await service.pause([]) == ["a", "b"])
        #expect(broker.calls.value == [.stats, .pause([Sample.queue("a"), Sample.queue("b")])])
    }

    @Test("jobs are enqueued as often as asked, and duplicates told")
    func enqueue() async throws {
        broker.answers.update {
            $0.enqueued = [
                .enqueued(Sample.id("a")), .duplicate(holder: Sample.id("b")),
                .known(Sample.id("c")),
            ]
        }
        var order = EnqueueOrder(type: "work")
        order.count = 2
        #expect(
            try await service.enqueue(order) == [
                EnqueuedJob(id: "a"), EnqueuedJob(id: "b", isDuplicate: true),
                EnqueuedJob(id: "c", isKnown: true),
            ])
        #expect(broker.calls.value == [.enqueue(["work", "work"])])
        #expect(broker.orders.value.allSatisfy { $0.id == nil })
        _ = try await service.enqueue(EnqueueOrder(type: "once"))
        #expect(broker.calls.value.last == .enqueue(["once"]))
    }

    @Test("requeued and deleted jobs are told, those that stayed with the reason")
    func change() async throws {
        broker.answers.update { answers in
            answers.change.change("a")
            answers.change.refuse("b", "it runs")
        }
        let change = try await service.requeue(.ids(["a", "b", "c", "no id"]))
        #expect(change.count == 1 && change.changed == ["a"])
        #expect(change.unchanged == [.init(id: "b", reason: "it runs")])
        #expect(change.missing == ["c", "no id"])
        _ = try await service.delete(.all(type: nil))
        #expect(
            broker.calls.value == [
                .requeue(.ids([Sample.id("a"), Sample.id("b"), Sample.id("c")])),
                .delete(.all(type: nil)),
            ])
        #expect(log.records.value.map(\.messageID) == [.jobsRequeued, .jobsDeleted])
        #expect(log.messages == ["an operator requeued 1 job", "an operator deleted 1 job"])
    }

    @Test("the log says whose call it was")
    func caller() async throws {
        let peer = PeerCredentials(processID: 4711, userID: 1000, groupID: 1000)
        try await PeerCredentials.$caller.withValue(peer) {
            _ = try await service.pause(["mail"])
            _ = try await service.drain()
        }
        #expect(log.messages == ["an operator (pid 4711, uid 1000) paused queues: mail"])
        #expect(stop.reason == "asked by jobqueuectl, pid 4711, uid 1000")
    }

    @Test("a check says what a reload would say")
    func check() async throws {
        #expect(
            try await service.checkConfiguration()
                == Check.Reply(errors: ["x.conf:1: what"], warnings: []))
    }

    @Test("a daemon that stops says so, and not that the configuration has errors")
    func stopping() async throws {
        let service = OperatorService(
            broker: broker,
            counts: SharedStats(clock: clock, on: nil) { [broker] in try await broker.stats() },
            worker: .forTests(slots: 4), stop: stop,
            reloader: ReaderDouble(result: .stopping), clock: clock, log: log)
        let refusal = ControlError.refused(reason: "the daemon is stopping")
        await #expect(throws: refusal) { try await service.reloadConfiguration() }
        await #expect(throws: refusal) { try await service.checkConfiguration() }
    }

    @Test("when nothing was changed the log does not speak of it")
    func noChange() async throws {
        _ = try await service.delete(.ids(["a"]))
        #expect(log.records.value.isEmpty)
    }

    @Test("a drain is asked for, and answered with how long it may take")
    func drain() async throws {
        #expect(try await service.drain() == DrainReply(running: 0, timeout: 30_000))
        #expect(stop.reason == "asked by jobqueuectl")
    }

    // MARK: - Failures

    @Test(
        "what the broker cannot do is told in the protocol's words, and not logged as done",
        arguments: [
            (
                BrokerError.unreachable(address: "h:1", reason: "refused"),
                ControlError.brokerUnreachable(
                    reason: "cannot reach the broker at h:1: refused")
            ),
            (.refused(reason: "OOM"), .refused(reason: "the broker refused: OOM")),
            (.invalid(reason: "too large"), .invalidJob(reason: "too large")),
        ])
    func failures(error: BrokerError, answer: ControlError) async {
        broker.answers.update { $0.failure = error }
        await #expect(throws: answer) { try await service.stats() }
        clock.advance(by: SharedStats.period)
        await #expect(throws: answer) { try await service.queues() }
        await #expect(throws: answer) { try await service.workers() }
        await #expect(throws: answer) { try await service.pause(["mail"]) }
        await #expect(throws: answer) { try await service.resume([]) }
        await #expect(throws: answer) { try await service.enqueue(EnqueueOrder(type: "t")) }
        await #expect(throws: answer) { try await service.requeue(.ids(["a"])) }
        await #expect(throws: answer) { try await service.delete(.all(type: nil)) }
        await #expect(throws: answer) { try await service.deadJobs(in: nil, limit: 1) }
        await #expect(throws: answer) { try await service.jobs(withID: "a") }
        #expect(log.records.value.isEmpty)
    }

    @Test("an enqueue of unknown outcome is told as that")
    func unknownOutcome() async {
        let error = BrokerError.outcomeUnknown(reason: "cut")
        broker.answers.update { $0.failure = error }
        await #expect(throws: ControlError.brokerUnreachable(reason: error.description)) {
            try await service.enqueue(EnqueueOrder(type: "t"))
        }
        #expect(error.description.contains("may or may not have been carried out"))
    }

    @Test("a call that is cancelled is left as that")
    func cancelled() async {
        broker.answers.update { $0.failure = CancellationError() }
        await #expect(throws: CancellationError.self) { try await service.stats() }
    }
}
