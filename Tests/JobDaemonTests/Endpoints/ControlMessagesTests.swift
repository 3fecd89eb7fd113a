import JobControl
import JobQueue
import LinuxSystem
import Testing

@testable import JobDaemon

@Suite("The domain in the words of the control protocol")
struct ControlMessagesTests {
    private func record(
        _ state: JobState, _ envelope: String, time: Int64? = nil, worker: String? = nil,
        token: UInt64? = nil
    ) -> ControlJob {
        ControlJob(
            JobRecord(
                queue: Sample.queue("mail"), state: state, envelope: Array(envelope.utf8),
                time: time, worker: worker, token: token))
    }

    // MARK: - Jobs

    @Test("a dead job is told with all that its record says")
    func dead() {
        let job = record(
            .dead,
            #"{"type":"work","id":"j1","payload": {"a":[1, 2]} ,"attempts":4,"max_attempts":5,"#
                + #""enqueued_at":1000,"lost":1,"last_error":"no\nroute"}"#, time: 9_000)
        var expected = ControlJob(state: .dead, queue: "mail", id: "j1")
        expected.type = "work"
        expected.payload = #"{"a":[1, 2]}"#
        expected.attempts = 4
        expected.maxAttempts = 5
        expected.enqueuedAt = 1_000
        expected.lost = 1
        expected.lastError = "no\nroute"
        expected.diedAt = 9_000
        #expect(job == expected)
    }

    @Test("a time is told as what it is in the job's state")
    func times() {
        let envelope = #"{"type":"work","id":"j1"}"#
        let scheduled = record(.scheduled, envelope, time: 5)
        #expect(scheduled.state == .scheduled && scheduled.dueAt == 5 && scheduled.diedAt == nil)
        let pending = record(.pending, envelope, time: 5)
        #expect(pending.state == .pending && pending.dueAt == nil && pending.diedAt == nil)
        #expect(pending.payload == "null" && pending.attempts == 0)
    }

    @Test("an active job is told with its worker, and has the id of its claim when it has no own")
    func active() {
        let worker = "018bcfe56800deadbeef"
        let job = record(.active, #"{"type":"work"}"#, worker: worker, token: 7)
        #expect(job.state == .active && job.worker == worker && job.id == "\(worker)-7")
        let named = record(.active, #"{"type":"work","id":"j1"}"#, worker: worker, token: 7)
        #expect(named.id == "j1")
        #expect(record(.pending, #"{"type":"work"}"#).id == nil)
    }

    @Test("what the dead letters keep of bytes that are no job is told with its reason")
    func undecodable() {
        let kept = UndecodableRecord(
            id: Sample.id("u1"), raw: [0, 1, 2, 255], lastError: "not JSON", failedAt: 3)
        let job = record(.dead, String(decoding: kept.encoded(), as: UTF8.self), time: 9_000)
        #expect(job.id == "u1" && job.lastError == "not JSON" && job.raw == "AAEC/w==")
        #expect(job.type == nil && job.payload == nil && job.diedAt == 9_000)
    }

    @Test(
        "bytes that are no job's record are told as they are",
        arguments: [
            ("", ""), ("garbage", "Z2FyYmFnZQ=="), ("[]", "W10="),
            (#"{"type":7}"#, "eyJ0eXBlIjo3fQ=="),
        ])
    func raw(bytes: String, base64: String) {
        let job = record(.pending, bytes)
        #expect(job.raw == base64 && job.id == nil && job.type == nil && job.lastError == nil)
    }

    @Test("a record is told whole although it is larger than it may be now")
    func large() {
        let payload = "\"" + String(repeating: "x", count: 5 << 20) + "\""
        let job = record(.dead, #"{"type":"work","id":"j1","payload":\#(payload)}"#)
        #expect(job.payload == payload)
    }

    // MARK: - Counts and workers

    @Test("counts are told as they are")
    func counts() {
        var stats = Sample.stats("mail", pending: 1, scheduled: 2, active: 3, dead: 4)
        stats.isPaused = true
        stats.oldestPendingAt = 5
        stats.trouble = "WRONGTYPE"
        var expected = QueueCounts(queue: "mail")
        expected.pending = 1
        expected.scheduled = 2
        expected.active = 3
        expected.dead = 4
        expected.isPaused = true
        expected.oldestPendingAt = 5
        expected.trouble = "WRONGTYPE"
        #expect(QueueCounts(stats) == expected)
    }

    @Test("a worker is told with what is left of its lease, also when that is less than nothing")
    func worker() {
        var info = WorkerInfo(id: "w1", queues: ["a"], active: 2, leaseLeft: .milliseconds(1_500))
        info.host = "box"
        info.pid = 42
        info.version = "1"
        info.startedAt = 7
        info.concurrency = 10
        var expected = ControlWorker(id: "w1", queues: ["a"], active: 2, leaseLeft: 1_500)
        expected.host = "box"
        expected.processID = 42
        expected.version = "1"
        expected.startedAt = 7
        expected.concurrency = 10
        #expect(ControlWorker(info) == expected)
        info.leaseLeft = .milliseconds(-20)
        #expect(ControlWorker(info).leaseLeft == -20)
    }

    // MARK: - Orders and selections

    @Test("an order becomes a job with everything that it says")
    func order() throws {
        var order = EnqueueOrder(type: "email:welcome")
        order.payload = #"{"a": 1}"#
        order.queue = "mail"
        order.delay = 1_500
        order.uniqueKey = "k"
        order.id = "j1"
        order.maxAttempts = 3
        order.timeout = 2_500
        order.headers = ["traceparent": "x"]
        let job = try NewJob(order)
        #expect(job.type.description == "email:welcome" && job.payload.text == #"{"a": 1}"#)
        #expect(job.queue == Sample.queue("mail") && job.id == Sample.id("j1"))
        #expect(job.start == .after(.milliseconds(1_500)) && job.uniqueKey == "k")
        #expect(job.maxAttempts == 3 && job.timeout == .milliseconds(2_500))
        #expect(job.headers == ["traceparent": "x"])
    }

    @Test("what an order does not say is left to the defaults")
    func bareOrder() throws {
        let job = try NewJob(EnqueueOrder(type: "t"))
        #expect(job.payload.text == "null" && job.queue == .default && job.id == nil)
        #expect(job.start == nil && job.maxAttempts == nil && job.timeout == nil)
        #expect(job.uniqueKey == nil && job.headers.isEmpty)
        var later = EnqueueOrder(type: "t")
        later.startAt = 9
        #expect(try NewJob(later).start == .at(unixMilliseconds: 9))
    }

    @Test(
        "names that cannot be are refused in words",
        arguments: [
            ("", nil, nil, "'' is no name of a job type"),
            ("a b", nil, nil, "'a b' is no name of a job type"),
            ("t", "Mail", nil, "'Mail' is no name of a queue"),
            ("t", "", nil, "'' is no name of a queue"), ("t", nil, "a.b", "'a.b' is no job id"),
        ] as [(String, String?, String?, String)])
    func badNames(type: String, queue: String?, id: String?, reason: String) {
        var order = EnqueueOrder(type: type)
        order.queue = queue
        order.id = id
        #expect(throws: ControlError.invalidJob(reason: reason)) { try NewJob(order) }
    }

    @Test("a selection is the domain's, without ids that no job can have")
    func selection() throws {
        #expect(try DeadSelection(.ids(["a", "b c", ""])) == .ids([Sample.id("a")]))
        #expect(try DeadSelection(.all(type: nil)) == .all(type: nil))
        #expect(try DeadSelection(.all(type: "t")) == .all(type: Sample.type("t")))
        #expect(throws: ControlError.invalidParameter("type")) {
            try DeadSelection(.all(type: "a b"))
        }
    }

    // MARK: - The log

    @Test("only a refused access is logged as one; other trouble of the socket is no such kind")
    func incidents() {
        let peer = PeerCredentials(processID: 7, userID: 1_000, groupID: 1_000)
        #expect(
            LogRecord(ControlIncident.accessRefused(method: "Drain", peer))
                == LogRecord(
                    level: .warning, messageID: .accessRefused,
                    message: "control: refused Drain to pid 7, uid 1000, who is not allowed to act")
        )
        #expect(
            LogRecord(ControlIncident.trouble("no connection can be taken any more"))
                == LogRecord(
                    level: .warning, message: "control: no connection can be taken any more"))
    }
}
