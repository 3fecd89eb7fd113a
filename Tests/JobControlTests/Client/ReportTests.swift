import Testing

@testable import JobControl

@Suite("What jobqueuectl prints for people")
struct ReportTests {
    private let plain = Palette(hasColours: false)
    private let colours = Palette(hasColours: true)

    @Test("stats are a line for each queue, their sum, and what became of jobs")
    func stats() {
        #expect(
            StatsReport.text(Sample.stats, now: Sample.now, plain) == """
                QUEUE    PENDING  SCHEDULED  ACTIVE  DEAD  OLDEST
                mail       1,234          5       2     0  3m 12s
                reports        0          0       0     3       -  paused
                total      1,234          5       2     3

                since the queues exist: 10,000 done, 3 dead, 21 retried, 1 recovered

                """)
    }

    @Test("a single queue has no sum, and none at all is said in words")
    func fewQueues() {
        let one = ControlStats(queues: [QueueCounts(queue: "q")], totals: ControlTotals())
        #expect(!StatsReport.text(one, now: 0, plain).contains("total"))
        let none = ControlStats(queues: [], totals: ControlTotals())
        #expect(StatsReport.text(none, now: 0, plain) == "there is no queue yet\n")
        #expect(QueuesReport.text([ControlQueue](), plain) == "there is no queue yet\n")
        #expect(QueuesReport.text([], now: 0, plain) == "no worker holds a lease\n")
    }

    @Test("a queue that cannot be read is named with the reason, on one line")
    func trouble() {
        var queue = QueueCounts(queue: "q")
        queue.trouble = "WRONGTYPE\nfake: line"
        queue.isPaused = true
        let text = StatsReport.text(
            ControlStats(queues: [queue], totals: ControlTotals()), now: 0, plain)
        #expect(text.contains("\nq            0          0       0     0       -  trouble\n"))
        #expect(text.contains("\nqueue q: WRONGTYPE\\nfake: line\n"))
    }

    @Test("absurd numbers are summed without a trap")
    func absurd() {
        var queue = QueueCounts(queue: "q")
        queue.pending = .max
        queue.dead = .min
        queue.oldestPendingAt = .min
        let text = StatsReport.text(
            ControlStats(queues: [queue, queue], totals: ControlTotals(done: .max)), now: .max,
            plain)
        #expect(text.contains("total  9,223,372,036,854,775,807"))
        #expect(text.contains("-9,223,372,036,854,775,808\n"))
    }

    @Test("colours point at what is dead, paused, in trouble or lost")
    func pointers() {
        let stats = StatsReport.text(Sample.stats, now: Sample.now, colours)
        #expect(
            stats.contains("\u{1B}[31m3\u{1B}[0m") && stats.contains("\u{1B}[33mpaused\u{1B}[0m"))
        let workers = QueuesReport.text(Sample.workers, now: Sample.now, colours)
        #expect(workers.contains("\u{1B}[31mlost\u{1B}[0m"))
        let job = JobsReport.details([Sample.deadJob()], now: Sample.now, colours)
        #expect(job.contains("\u{1B}[31mdead\u{1B}[0m"))
    }

    @Test("queues show who works on them and what they have seen")
    func queues() {
        #expect(
            QueuesReport.text(Sample.queues, plain) == """
                QUEUE    WORKERS   DONE  DEAD  RETRIED  RECOVERED
                mail           2  9,990     0       20          1
                reports        0     10     3        1          0  paused

                """)
    }

    @Test("workers show what is known of them, and a dash for what is not")
    func workers() {
        #expect(
            QueuesReport.text(Sample.workers, now: Sample.now, plain) == """
                WORKER  HOST   PID  VERSION     UP  ACTIVE  SLOTS  LEASE  QUEUES
                w1      box   4242  0.1.0    1d 1h       2     10    14s  mail reports
                w2      -        -  -            -       0      -   lost  mail

                """)
    }

    @Test("dead jobs are a line each, with the beginning of their error")
    func dead() {
        var raw = ControlJob(state: .dead, queue: "mail")
        raw.lastError = "not JSON\nat all"
        let reply = ListDead.Reply(jobs: [Sample.deadJob(), raw], more: false)
        #expect(
            JobsReport.list(reply, now: Sample.now, plain) == """
                ID  TYPE           QUEUE  ATTEMPTS       DIED  ERROR
                j1  email:welcome  mail     4 of 4  1m 0s ago  out of luck
                -   -              mail          -          -  not JSON…

                """)
        #expect(
            JobsReport.list(ListDead.Reply(jobs: [], more: false), now: 0, plain)
                == "no job is dead\n")
    }

    @Test("a list that does not show all says so")
    func more() {
        let reply = ListDead.Reply(jobs: [Sample.deadJob()], more: true)
        #expect(
            JobsReport.list(reply, now: 0, plain)
                .hasSuffix("\nthere are more; --limit N shows up to 1000\n"))
    }

    @Test(
        "an error in a table is one line of at most 100 characters",
        arguments: [
            (String(repeating: "x", count: 100), String(repeating: "x", count: 100)),
            (String(repeating: "x", count: 101), String(repeating: "x", count: 99) + "…"),
            ("a\r\nb", "a…"), ("\nb", "…"), ("a\u{1B}[31m", "a\\u{1b}[31m"), ("a\u{2028}b", "a…"),
        ])
    func shortened(error: String, shown: String) {
        let reply = ListDead.Reply(jobs: [Sample.deadJob(error: error)], more: false)
        let text = JobsReport.list(reply, now: Sample.now, plain)
        #expect(text.hasSuffix("  \(shown)\n") && text.count { $0 == "\n" } == 2)
    }

    @Test("a job is shown with all that is known, in lines that are harmless")
    func details() {
        var job = Sample.deadJob(error: "first\nsecond \u{1B}[2J")
        job.lost = 2
        #expect(
            JobsReport.details([job], now: Sample.now, plain) == """
                id        j1
                type      email:welcome
                queue     mail
                state     dead
                attempts  4 of 4
                enqueued  2026-01-31T07:30:00Z (1h 0m ago)
                died      2026-01-31T08:29:00Z (1m 0s ago)
                lost      2 times
                error     first
                          second \\u{1b}[2J
                payload   {"user":42}

                """)
    }

    @Test("jobs of other states are shown with when they are due and who runs them")
    func otherStates() {
        var scheduled = ControlJob(state: .scheduled, queue: "q", id: "a")
        scheduled.dueAt = Sample.now + 90_000
        scheduled.attempts = 1
        scheduled.lost = 0
        var active = ControlJob(state: .active, queue: "q", id: "b")
        active.worker = "w1"
        active.leftOutBytes = 2_097_152
        var raw = ControlJob(state: .dead, queue: "q")
        raw.raw = "AAEC"
        #expect(
            JobsReport.details([scheduled, active, raw], now: Sample.now, plain) == """
                id        a
                queue     q
                state     scheduled
                attempts  1
                due       2026-01-31T08:31:30Z (in 1m 30s)

                id        b
                queue     q
                state     active
                worker    w1
                left out  2,097,152 bytes, too many for one reply

                queue     q
                state     dead
                raw       AAEC (Base64)

                """)
    }

    @Test("a change tells what was done, and complains about what was not")
    func change() {
        let change = ControlChange(
            changed: ["a"], unchanged: [.init(id: "b\u{1B}", reason: "it\nruns")],
            of: .ids(["a", "b\u{1B}", "c"]))
        let texts = ChangeReport.text(change, verb: "requeued")
        #expect(texts.output == "requeued 1 job\n")
        #expect(texts.complaints == "b\\u{1b}: it\\nruns\nc: there is no such job\n")
    }

    @Test("pause and resume name the queues, a drain what still runs")
    func others() {
        #expect(ChangeReport.text(["a", "b"], verb: "paused") == "paused a\npaused b\n")
        #expect(ChangeReport.text([], verb: "paused") == "there is no queue yet\n")
        #expect(ChangeReport.text(DrainReply(running: 0, timeout: 1)) == "draining: no job runs\n")
        #expect(
            ChangeReport.text(DrainReply(running: 1, timeout: 30_000))
                == "draining: 1 job runs and has 30s to finish\n")
        #expect(
            ChangeReport.text(DrainReply(running: 1_234, timeout: 90_000))
                == "draining: 1,234 jobs run and have 1m 30s to finish\n")
    }
}
