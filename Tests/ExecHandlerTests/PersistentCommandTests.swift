import ExecHandler
import Glibc
import JobQueue
import TestSupport
import Testing

@Suite("A command that runs on and is given one job after the other", .timeLimit(.minutes(2)))
struct PersistentCommandTests {
    /// Answers that it failed, with the number of its process as the reason.
    private static let tellsProcess = "for job in jobs(): answer(False, error=str(os.getpid()))"

    @Test("one process runs one job after the other")
    func oneAfterTheOther() async throws {
        try await CommandStand.run { stand in
            let command = try stand.persistent(Self.tellsProcess, concurrency: 3)
            let first = try await command.failure(in: stand)
            for _ in 0..<20 { #expect(try await command.failure(in: stand) == first) }
            await command.end()
            #expect(kill(try #require(Int32(first)), 0) != 0)
        }
    }

    @Test("jobs that come together run in several processes, and no more than are allowed")
    func together() async throws {
        try await CommandStand.run { stand in
            let script =
                "for job in jobs(): time.sleep(0.01); answer(False, error=str(os.getpid()))"
            let command = try stand.persistent(script, concurrency: 3)
            let processes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<60 { group.addTask { try await command.failure(in: stand) } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect((1...3).contains(processes.count))
            await command.end()
        }
    }

    @Test("a payload comes as it is, also one that no pipe holds")
    func payload() async throws {
        try await CommandStand.run { stand in
            let command = try stand.persistent(
                "for job in jobs(): answer(job['text'] == 'ü\\n$(x)' * 60000)")
            let text = String(repeating: #"ü\n$(x)"#, count: 60_000)
            try await command.run("{\"text\":\n\"\(text)\"\n}", in: stand)
            try await command.run("{\r\n\"text\":\"\(text)\"}", in: stand)
            await command.end()
        }
    }

    @Test("a process that ends in a job fails that job alone, with what it said last")
    func ends() async throws {
        try await CommandStand.run { stand in
            let script = """
                for job in jobs():
                    if job is None: answer(); continue
                    say("one"); say("two")
                    os.kill(os.getpid(), signal.SIGKILL) if job == "kill" else os._exit(3)
                """
            let command = try stand.persistent(script)
            try await command.run(in: stand)
            #expect(
                try await command.failure(#""kill""#, in: stand)
                    == "killed by SIGKILL without an answer: one | two")
            try await command.run(in: stand)
            #expect(
                try await command.failure(#""exit""#, in: stand)
                    == "exited with status 3 without an answer: one | two")
            try await command.run(in: stand)
            await command.end()
        }
    }

    @Test("an answer that is none, or too long, fails its job alone, and the process is replaced")
    func garbage() async throws {
        try await CommandStand.run { stand in
            let script = """
                for job in jobs():
                    if job == "junk": print("hello", flush=True); time.sleep(1000)
                    elif job == "long":
                        while True: sys.stdout.write("x" * 1000)
                    elif job == "other": answer(id="j2")
                    else: answer()
                """
            let command = try stand.persistent(script)
            let junk = try await command.failure(#""junk""#, in: stand)
            #expect(
                junk.hasPrefix("no answer on standard output: 'hello' (malformed JSON at byte 0"))
            #expect(junk.hasSuffix("; messages belong to standard error"))
            try await command.run(in: stand)
            let long = try await command.failure(#""long""#, in: stand)
            #expect(
                long
                    == "no answer on standard output: '\(String(repeating: "x", count: 100))…' (it is "
                    + "longer than 131072 bytes); messages belong to standard error")
            try await command.run(in: stand)
            let other = try await command.failure(#""other""#, in: stand)
            #expect(other.contains("(it is about another job); messages belong to standard error"))
            try await command.run(in: stand)
            await command.end()
        }
    }

    @Test("a line that nobody asked for is nobody's answer")
    func unasked() async throws {
        try await CommandStand.run { stand in
            let script = """
                for job in jobs():
                    answer()
                    if job == "twice": time.sleep(0.05); answer()
                """
            let command = try stand.persistent(script)
            try await command.run(#""twice""#, in: stand)
            _ = try await stand.log.line(containing: "mail: a line on standard output that nobody")
            try await command.run(in: stand)
            await command.end()
        }
    }

    @Test(
        "a job whose time is over ends its process, at the latest by force; the next one has another"
    )
    func timeout() async throws {
        try await CommandStand.run { stand in
            let script = """
                for job in jobs():
                    if job is None: answer(); continue
                    if job == "deaf": signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    say(f"pid {os.getpid()}")
                    time.sleep(1000)
                """
            let command = try stand.persistent(script, grace: .milliseconds(200))
            for payload in [#""silent""#, #""deaf""#] {
                let before = stand.log.messages.count
                let task = Task { try await command.run(payload, in: stand) }
                let lines = await stand.log.records.wait(within: .seconds(20)) {
                    $0.count > before
                }
                let line = try #require(lines?.last?.message)
                task.cancel()
                let stopped = await #expect(throws: Interrupted.self) { try await task.value }
                #expect(stopped?.lastWords == line)
                let process = try #require(Int32(line.dropFirst(4)))
                #expect(kill(process, 0) != 0)
                try await command.run(in: stand)
            }
            await command.end()
        }
    }

    @Test("a job that waits for a process can be told to stop, and the others go on")
    func stopsWaiting() async throws {
        try await CommandStand.run { stand in
            let directory = try TemporaryDirectory()
            let script = """
                for job in jobs():
                    say("begun")
                    while not os.path.exists("\(directory.file("go"))"): time.sleep(0.01)
                    answer()
                """
            let command = try stand.persistent(script)
            let first = Task { try await command.run(in: stand) }
            _ = try await stand.log.line(containing: "begun")
            let second = Task { try await command.run(in: stand) }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            try directory.write("", to: "go")
            try await first.value
            await command.end()
        }
    }

    @Test("after so many jobs a process is replaced")
    func maxJobs() async throws {
        try await CommandStand.run { stand in
            let command = try stand.persistent(Self.tellsProcess, jobs: 2)
            var processes: [String] = []
            for _ in 0..<6 { processes.append(try await command.failure(in: stand)) }
            #expect(Set(processes).count == 3)
            #expect(zip(processes, processes.dropFirst()).count { $0 == $1 } == 3)
            await command.end()
        }
    }

    @Test("what ends at once, again and again, is not started in a circle")
    func pace() async throws {
        try await CommandStand.run { stand in
            let command = try stand.persistent("say('no database'); sys.exit(1)")
            let begin = ContinuousClock.now
            for _ in 0..<4 {
                let reason = try await command.failure(in: stand)
                #expect(reason == "exited with status 1 without an answer: no database")
            }
            // 100, 200 and 400 ms.
            #expect(ContinuousClock.now - begin >= .milliseconds(700))
            await command.end()
        }
    }

    @Test("what cannot be started fails its jobs for good")
    func notThere() async throws {
        try await CommandStand.run { stand in
            var definition = try stand.definition("/nowhere/at/all")
            definition.mode = .persistent(jobs: nil)
            let command = stand.persistent(definition)
            for _ in 0..<3 {
                await #expect(throws: SkipRetry.self) { try await command.run(in: stand) }
            }
            await command.end()
        }
    }

    @Test("a process that ended before it could know of a job costs the job nothing")
    func goneBefore() async throws {
        try await CommandStand.run { stand in
            let command = try stand.persistent("for job in jobs(): answer(); break")
            for _ in 0..<20 { try await command.run(in: stand) }
            await command.end()
        }
    }

    @Test("at the end processes leave when their input ends, and are killed when they do not")
    func end() async throws {
        try await CommandStand.run { stand in
            let polite = try stand.persistent(
                "for job in jobs(): answer()\nsay('goodbye')", grace: .seconds(60))
            try await polite.run(in: stand)
            await polite.end()
            #expect(stand.log.messages == ["mail: goodbye"])
            let deaf = try stand.persistent(
                """
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                for job in jobs(): answer(False, error=str(os.getpid()))
                while True: time.sleep(1000)
                """, grace: .milliseconds(100))
            let process = try #require(Int32(try await deaf.failure(in: stand)))
            await deaf.end()
            #expect(kill(process, 0) != 0)
            await #expect(throws: CancellationError.self) { try await deaf.run(in: stand) }
        }
    }

    @Test("lines on standard error carry the job for which they were written, and no other")
    func errorLines() async throws {
        try await CommandStand.run { stand in
            let script = """
                for job in jobs():
                    if job == "late": answer(); time.sleep(0.05); say("idle now"); continue
                    say(f"<4>line of {job}"); answer()
                """
            let command = try stand.persistent(script)
            for number in 1...50 {
                try await command.run("\"j\(number)\"", id: "j\(number)", in: stand)
            }
            try await command.run(#""late""#, id: "late", in: stand)
            #expect(try await stand.log.line(containing: "idle now").fields == LogFields())
            let lines = stand.log.records.value.filter { $0.message.hasPrefix("line of ") }
            #expect(lines.count == 50)
            for line in lines {
                #expect(line.level == .warning)
                #expect(line.message == "line of \(line.fields.job?.description ?? "nobody")")
            }
            await command.end()
        }
    }

    @Test("a flood on standard error is read, cut off, and counted with its job")
    func flood() async throws {
        try await CommandStand.run { stand in
            let script = """
                for job in jobs():
                    for _ in range(64): sys.stderr.write("x" * (1 << 20))
                    sys.stderr.write("\\n"); sys.stderr.flush()
                    answer()
                """
            let command = try stand.persistent(script)
            for _ in 0..<2 { try await command.run(in: stand) }
            let told = stand.log.messages.filter { $0.contains("bytes more") }
            #expect(told.count == 2)
            #expect(stand.log.messages.allSatisfy { $0.utf8.count < 5_000 })
            await command.end()
        }
    }

    @Test("one whose file has changed has no process left, and keeps no job waiting for its end")
    func retired() async throws {
        try await CommandStand.run { stand in
            let gate = try TemporaryDirectory()
            // Told to leave, it stays until there is the file.
            let command = try stand.persistent(
                """
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                for job in jobs():
                    if job == "who": answer(False, error=str(os.getpid()))
                    else: answer()
                while not os.path.exists("\(gate.file("go"))"): time.sleep(0.01)
                """, concurrency: 2)
            let first = try #require(pid_t(try await command.failure(#""who""#, in: stand)))
            await command.retire()
            // What was claimed before is still run, by another process.
            try await command.run(in: stand)
            #expect(kill(first, 0) == 0, "nobody waited for the one that leaves")
            try gate.write("", to: "go")
            await command.end()
            #expect(kill(first, 0) != 0)
        }
    }

}
