import JobControl
import LinuxSystem
import TestSupport
import Testing

/// `jobqueuectl` against a real server.
@Suite("jobqueuectl")
struct ControlToolTests {
    @Test("shows what is there")
    func looks() async throws {
        try await withControlServer { stand in
            #expect(stand.tool("stats").output.hasPrefix("QUEUE    PENDING  SCHEDULED"))
            #expect(stand.tool("queues").output.hasPrefix("QUEUE    WORKERS   DONE"))
            #expect(stand.tool("workers").output.hasPrefix("WORKER  HOST   PID"))
            #expect(stand.tool("dead") == result("no job is dead\n"))
            #expect(stand.service.calls.value.count == 4)
        }
    }

    @Test("changes what it is told to, and says so")
    func changes() async throws {
        try await withControlServer { stand in
            #expect(stand.tool("pause", "a", "b") == result("paused a\npaused b\n"))
            #expect(stand.tool("resume") == result("resumed mail\nresumed reports\n"))
            #expect(stand.tool("requeue", "a") == result("requeued 1 job\n"))
            #expect(stand.tool("requeue", "--all", "--type", "t") == result("requeued 2 jobs\n"))
            #expect(stand.tool("delete", "--all") == result("deleted 2 jobs\n"))
            #expect(
                stand.tool("drain") == result("draining: 2 jobs run and have 30s to finish\n"))
            #expect(
                stand.service.calls.value == [
                    .pause(["a", "b"]), .resume([]), .requeue(.ids(["a"])),
                    .requeue(.all(type: "t")), .delete(.all(type: nil)), .drain,
                ])
        }
    }

    @Test("enqueues what it is given, and prints the ids")
    func enqueue() async throws {
        try await withControlServer { stand in
            #expect(stand.tool("enqueue", "--type", "t", "--payload", "{}") == result("j1\n"))
            var order = EnqueueOrder(type: "t")
            order.payload = "{}"
            order.count = 1
            #expect(stand.service.calls.value == [.enqueue(order)])
        }
    }

    @Test("shows all on one page; where nothing can be taken back, one page after the other")
    func top() async throws {
        try await withControlServer { stand in
            let shown = stand.tool("top", isTerminal: true).output
            #expect(shown.hasPrefix("\u{1B}[H\u{1B}[J"))
            #expect(shown.contains("PENDING"))
            #expect(shown.contains("WORKER"))
            let dumb = stand.tool("top", isTerminal: true, environment: ["TERM": "dumb"]).output
            for plain in [dumb, stand.tool("top").output] {
                #expect(plain.contains("PENDING") && !plain.contains("\u{1B}"))
                #expect(plain.hasSuffix("\n\n"))
            }
            #expect(stand.tool("top", "--json", isTerminal: true).status == .usage)
        }
    }

    @Test("tells how many jobs ended in a second")
    func rates() {
        let palette = Palette(hasColours: false)
        let before = ControlTotals(done: 100, dead: 1, retried: 5, recovered: 0)
        let after = ControlTotals(done: 2_600, dead: 1, retried: 2, recovered: 0)
        #expect(
            TopReport.rates(after, at: 4_000, (before, 2_000), palette)
                == "1970-01-01T00:00:04Z  1,250 done, 0 retried, 0 dead a second\n\n")
        #expect(TopReport.rates(after, at: 4_000, nil, palette) == "1970-01-01T00:00:04Z\n\n")
    }

    @Test("a page of top fits the window: what is too much is counted, what is too wide is cut")
    func window() {
        let queues = (1...40).map { number in
            var queue = QueueCounts(queue: "queue-\(number)")
            queue.pending = 1
            return queue
        }
        let look = TopReport(
            ControlStats(queues: queues, totals: ControlTotals()), Sample.workers, at: Sample.now,
            former: nil)
        let plain = Palette(hasColours: false)
        func lines(_ rows: Int, _ columns: Int) -> [Substring] {
            look.page(in: Terminal.Size(rows: rows, columns: columns), plain)
                .split(separator: "\n", omittingEmptySubsequences: false)
        }
        let page = lines(24, 60)
        #expect(page.count == 24)
        #expect(page.allSatisfy { $0.count <= 60 })
        // The clock, the titles, the sum and the workers are to be seen.
        #expect(page[2].hasPrefix("QUEUE") && page[3].hasPrefix("queue-1 "))
        #expect(page.contains { $0.hasPrefix("total") })
        #expect(page.contains("… 27 more"))
        #expect(page.suffix(3).map { $0.prefix(2) } == ["WO", "w1", "w2"])
        for rows in [1, 2, 3, 8, 9, 10, 11, 60] {
            #expect(lines(rows, 20).count <= rows, "\(rows)")
            #expect(lines(rows, 1).allSatisfy { $0.count <= 1 }, "\(rows)")
        }
        #expect(lines(60, 200).joined(separator: "\n") == look.page(in: nil, plain))
    }

    @Test("has the daemon say what is wrong with its files, without a change")
    func check() async throws {
        try await withControlServer { stand in
            #expect(stand.tool("check") == result("the configuration is good\n"))
            stand.service.answers.update {
                $0.checked = Check.Reply(errors: ["a.conf:2: no"], warnings: ["b.conf:1: old"])
            }
            #expect(
                stand.tool("check")
                    == result("", errors: "a.conf:2: no\nb.conf:1: old\n", .refused))
            #expect(stand.service.calls.value == [.check, .check])
        }
    }

    @Test("has the configuration read anew, and tells what is wrong with it")
    func reload() async throws {
        try await withControlServer { stand in
            #expect(stand.tool("reload") == result("reloaded\n"))
            stand.service.answers.update {
                $0.reloaded = Reload.Reply(
                    isReloaded: false, errors: ["a.conf:2: no \u{1B}"], warnings: ["b.conf:1: old"])
            }
            let refused = stand.tool("reload")
            #expect(refused.output.isEmpty)
            #expect(
                refused.errors == """
                    a.conf:2: no \\u{1b}
                    b.conf:1: old
                    jobqueuectl: nothing was changed: the configuration has errors

                    """)
            #expect(refused.status == .refused)
        }
    }

    @Test("runs a job: enqueues it, waits for its end, and prints its result")
    func run() async throws {
        try await withControlServer { stand in
            var job = ControlJob(state: .done, queue: "mail", id: "j1")
            job.result = #"{"sum": 7}"#
            stand.service.answers.update { [job] in $0.ended = [nil, job] }
            let done = stand.tool("enqueue", "--type", "t", "--queue", "mail", "--wait")
            #expect(
                done
                    == result(
                        "{\"sum\": 7}\n",
                        errors: "job j1 is in; waiting for its end\n"))
            var order = EnqueueOrder(type: "t")
            order.queue = "mail"
            order.retention = 600_000
            let wait = ServiceDouble.Call.ended(id: "j1", queue: "mail", within: .seconds(20))
            #expect(stand.service.calls.value == [.enqueue(order), wait, .queues, wait])
        }
    }

    @Test("a job that was enqueued before is told as such, by a status of its own")
    func known() async throws {
        try await withControlServer { stand in
            stand.service.answers.update {
                $0.enqueued = [.init(id: "j\u{1B}1", isKnown: true)]
                $0.ended = [ControlJob(state: .done, queue: "default", id: "j1")]
            }
            #expect(
                stand.tool("enqueue", "--type", "t", "--id", "j1")
                    == result(
                        "j\\u{1b}1\n",
                        errors:
                            "job j\\u{1b}1 was enqueued before and is done: nothing was added; see "
                            + "jobqueuectl show j\\u{1b}1\n", .known))
            let plain = stand.tool("enqueue", "--type", "t", "--id", "j1")
            #expect(plain.errors.contains("was enqueued before: nothing was added"))
            let json = stand.tool("--json", "enqueue", "--type", "t", "--id", "j1")
            #expect(json.output.contains("\"known\" : true") && json.status == .known)
        }
    }

    @Test("a job that was enqueued before and is nowhere any more is not waited for")
    func runGone() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.enqueued = [.init(id: "j1", isKnown: true)] }
            let gone = stand.tool("enqueue", "--type", "t", "--id", "j1", "--wait")
            #expect(gone.status == .gone)
            #expect(
                gone.errors.hasSuffix(
                    "jobqueuectl: job j1 is gone: deleted, or its end was not kept\n"))
            // It was looked for twice: on its way from one state to the next it may be overlooked.
            #expect(stand.service.calls.value.count { $0 == .jobs(id: "j1") } == 2)
        }
    }

    @Test(
        "a job that its queue forgot while it was waited for is looked for, and waited for if it is there"
    )
    func runForgotten() async throws {
        try await withControlServer { stand in
            stand.service.answers.update {
                $0.isRemembered = false
                $0.ended = [nil, nil, ControlJob(state: .done, queue: "default", id: "j1")]
                $0.found = [
                    ControlJob(state: .dead, queue: "other", id: "j1"),
                    ControlJob(state: .scheduled, queue: "default", id: "j1"),
                ]
            }
            let done = stand.tool("enqueue", "--type", "t", "--wait")
            #expect(done.status == .done)
            #expect(stand.service.calls.value.count { $0 == .jobs(id: "j1") } == 1)
        }
    }

    @Test("a job that lies dead without a kept end is told as dead")
    func runFoundDead() async throws {
        try await withControlServer { stand in
            stand.service.answers.update {
                $0.enqueued = [.init(id: "j1", isKnown: true)]
                var dead = ControlJob(state: .dead, queue: "default", id: "j1")
                dead.lastError = "bad luck"
                $0.found = [dead]
            }
            let done = stand.tool("enqueue", "--type", "t", "--id", "j1", "--wait")
            #expect(done.status == .refused)
            #expect(done.errors.hasSuffix("jobqueuectl: job j1 is dead: bad luck\n"))
        }
    }

    @Test(
        "a wait with a limit ends when it is over, with a status of its own, and asks no longer than that"
    )
    func runLimit() async throws {
        try await withControlServer { stand in
            let time = Watched<Int64>(1_000)
            let done = runTool(
                ["enqueue", "--type", "t", "--wait-limit", "30s"],
                environment: ["JQ_CONTROL": stand.path],
                clock: {
                    time.update {
                        $0 += 4_000; return $0
                    }
                })
            #expect(done.status == .notYet)
            #expect(done.errors.hasSuffix("job j1 has not ended; see jobqueuectl show j1\n"))
            let waits = stand.service.calls.value.compactMap { call -> Duration? in
                if case .ended(_, _, let limit) = call { limit } else { nil }
            }
            #expect(waits == [.seconds(20), .seconds(18), .seconds(10), .seconds(2)])
        }
    }

    @Test("what keeps a job from being enqueued or waited for is never told as its death")
    func runFails() async throws {
        for error in [ControlError.refused(reason: "full"), .brokerUnreachable(reason: "away")] {
            try await withControlServer { stand in
                stand.service.answers.update { $0.failure = error }
                #expect(stand.tool("enqueue", "--type", "t", "--wait").status == .noDaemon)
            }
            try await withControlServer { stand in
                stand.service.answers.update { $0.failsFromCall = 2 }
                let done = stand.tool("enqueue", "--type", "t", "--wait")
                #expect(done.status == .noDaemon)
                #expect(done.errors.contains("job j1 is in; see jobqueuectl show j1\n"))
            }
        }
    }

    @Test("a job that dies is told with its reason, and as exit status 1")
    func runDead() async throws {
        try await withControlServer { stand in
            var job = ControlJob(state: .dead, queue: "default", id: "j1")
            job.lastError = "no such\nuser"
            stand.service.answers.update { [job] in $0.ended = [job] }
            let tool = stand.tool("enqueue", "--type", "t", "--wait", "--retention", "1h")
            #expect(tool.output.isEmpty)
            #expect(
                tool.errors == "job j1 is in; waiting for its end\n"
                    + "jobqueuectl: job j1 is dead: no such\\nuser\n")
            #expect(tool.status == .refused)
        }
    }

    @Test("a job that is not taken in is not waited for")
    func runDuplicate() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.enqueued = [.init(id: "j9", isDuplicate: true)] }
            let tool = stand.tool("enqueue", "--type", "t", "--unique", "u", "--wait")
            #expect(tool.status == .duplicate)
            #expect(tool.errors.contains("job j9 holds the unique key"))
            #expect(stand.service.calls.value.count == 1)
        }
    }

    @Test("takes the payload from a file or from standard input, without the space around it")
    func payloads() async throws {
        try await withControlServer { stand in
            let directory = try TemporaryDirectory()
            let file = try directory.write(" \t{\"a\": [ 1 ]}\r\n", to: "payload.json")
            #expect(stand.tool("enqueue", "--type", "t", "--payload", "@\(file)").status == .done)
            #expect(
                stand.tool("enqueue", "--type", "t", "--payload", "-", input: "\n7\n").status
                    == .done)
            let payloads = stand.service.calls.value.map { call -> String? in
                if case .enqueue(let order) = call { order.payload } else { nil }
            }
            #expect(payloads == [#"{"a": [ 1 ]}"#, "7"])
        }
    }

    @Test("enqueues more jobs than one call takes in several calls")
    func manyJobs() async throws {
        try await withControlServer { stand in
            let done = stand.tool("enqueue", "--type", "t", "--count", "25000")
            #expect(done.output.count { $0 == "\n" } == 25_000)
            let counts = stand.service.calls.value.map { call -> Int? in
                if case .enqueue(let order) = call { order.count } else { nil }
            }
            #expect(counts == [10_000, 10_000, 5_000])
        }
    }

    @Test("requeues more jobs than one call takes in several calls")
    func manyIDs() async throws {
        try await withControlServer { stand in
            let ids = (0..<4_001).map { "j\($0)" }
            let done = runTool(["requeue"] + ids, environment: ["JQ_CONTROL": stand.path])
            #expect(done == result("requeued 4,001 jobs\n"))
            #expect(
                stand.service.calls.value == [
                    .requeue(.ids(Array(ids.prefix(4_000)))), .requeue(.ids(["j4000"])),
                ])
        }
    }

    @Test("with --json every command prints its reply as one document, the keys in order")
    func json() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.dead = [Sample.deadJob(error: "\u{1B}[2J")] }
            #expect(
                stand.tool("drain", "--json")
                    == result("{\n  \"running\" : 2,\n  \"timeout_ms\" : 30000\n}\n"))
            #expect(
                stand.tool("--json", "pause", "a")
                    == result("{\n  \"queues\" : [\n    \"a\"\n  ]\n}\n"))
            #expect(
                stand.tool("--json", "enqueue", "--type", "t").output
                    .contains("\"duplicate\" : false,\n      \"id\" : \"j1\""))
            let dead = stand.tool("--json", "dead", isTerminal: true).output
            #expect(dead.contains(#""last_error" : "\u001b[2J""#) && !dead.contains("\u{1B}"))
            #expect(stand.tool("--json", "stats").output.contains("\"pending\" : 1234"))
            #expect(stand.tool("--json", "queues").output.contains("\"paused\" : true"))
            #expect(stand.tool("--json", "workers").output.contains("\"lease_left_ms\" : -1"))
            #expect(stand.tool("--json", "requeue", "a").output.contains("\"count\" : 1"))
        }
    }

    @Test("colours are for a terminal alone")
    func colours() async throws {
        try await withControlServer { stand in
            #expect(stand.tool("stats", isTerminal: true).output.contains("\u{1B}[1mQUEUE"))
            #expect(!stand.tool("stats").output.contains("\u{1B}"))
            let refused = stand.tool("stats", isTerminal: true, environment: ["NO_COLOR": "1"])
            #expect(!refused.output.contains("\u{1B}"))
        }
    }

    @Test("help and version need no daemon")
    func help() {
        let environment = ["JQ_CONTROL": "/none/control.sock"]
        #expect(
            runTool(["--version"], environment: environment)
                == result("jobqueuectl \(ControlVersion.current)\n"))
        let help = runTool(["--help"], environment: environment)
        #expect(help.status == .done && help.output.hasPrefix("usage: jobqueuectl"))
        #expect(help.errors.isEmpty)
    }

    @Test("--instance names the socket of jobqueued@NAME, and no other beside it")
    func instance() {
        let nobody = runTool(["--instance", "no-such", "stats"])
        #expect(nobody.status == .noDaemon)
        #expect(
            nobody.errors
                == "jobqueuectl: no daemon answers at /run/jobqueued-no-such/control.sock; is it "
                + "running? See: systemctl status jobqueued@no-such\n")
        #expect(runTool(["--instance", "a/b", "stats"]).status == .usage)
        #expect(runTool(["--instance", "a", "--socket", "/x", "stats"]).status == .usage)
    }

    @Test("--socket stands over the environment")
    func socket() async throws {
        try await withControlServer { stand in
            let done = stand.tool(
                "--socket", stand.path, "drain", environment: ["JQ_CONTROL": "/none"])
            #expect(done.status == .done)
        }
    }
}
