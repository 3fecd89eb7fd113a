import Glibc
import SQLite
import TestSupport
import Testing

@Suite("A daemon on a file of its own")
struct SQLiteDaemonTests {
    /// A place for the file, and the flags to have it there.
    private struct Place {
        let directory: TemporaryDirectory
        var path: String { directory.file("jobs.db") }
        var address: String { "sqlite:\(path)" }

        init() throws { directory = try TemporaryDirectory() }

        /// Writes as another process does.
        func change(_ script: String) throws {
            var database = try Database(.file(path), busyTimeout: .seconds(10))
            try database.execute(script: script)
        }
    }

    @Test("runs what jobqueuectl and other processes put in, retries, and buries the dead")
    func life() async throws {
        let place = try Place()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: place.address, effects: effects)
        try await daemon.done("enqueue", "--type", "test:job", "--id", "one")
        try place.change(
            """
            INSERT INTO enqueue(envelope)
            VALUES ('{"type":"test:job","id":"two"}'), ('no job'),
                ('{"type":"test:job","id":"three","payload":{"fail_first":2}}'),
                ('{"type":"test:job","id":"four","payload":{"skip":"no use"}}');
            """)
        await eventually(equals: ["one", "three", "two"]) { effects.ended.sorted() }
        await eventually(equals: 2) {
            try daemon.metric(#"jobqueue_jobs{queue="default",state="dead"}"#)
        }
        let dead = try await daemon.done("dead")
        #expect(dead.contains { $0.contains("no use") })
        #expect(dead.contains { $0.contains("JSON") })
        #expect(try daemon.metric(#"jobqueue_jobs_retried_total{type="test:job"}"#) == 2)
        #expect(try daemon.get("/healthz").status == 200)
        #expect(try daemon.metric("jobqueue_broker_up") == 1)
        #expect(try await daemon.drain() == .exited(0))
        // The file alone is left, beside the lock.
        #expect(access(place.path + "-wal", F_OK) != 0)
    }

    @Test("killed and started again, it has its jobs at once, long before their lease would end")
    func killed() async throws {
        let place = try Place()
        let (first, second) = (try EffectFile(), try EffectFile())
        let killed = try await DaemonProcess.ready(
            "jobqueued-testd", address: place.address, ["--lease", "1h"], effects: first)
        let ids = try await killed.done(
            "enqueue", "--type", "test:job", "--count", "10", "--payload",
            #"{"says_start":true,"ms":60000}"#)
        await eventually { Set(first.started) == Set(ids) }
        try await killed.kill()
        // In another runtime directory it does not know who it was: the file does.
        let again = try await DaemonProcess.ready(
            "jobqueued-testd", address: place.address, ["--lease", "1h"], effects: second)
        await eventually("all ten run again") { Set(second.started) == Set(ids) }
        try await again.child.line(containing: "took back 10 jobs")
        again.signal(SIGKILL)
    }

    @Test("the status line and the health page tell how the file is")
    func status() async throws {
        let place = try Place()
        let notify = try NotifySocket()
        let daemon = try await DaemonProcess.ready(
            address: place.address, ["--durability", "normal"], environment: notify.environment)
        try await notify.message(containing: "STATUS=running 0/10, pending 0, sqlite ")
        #expect(daemon.log.contains { $0.contains("durability is normal") })
        do {
            var stranger = try Database(.file(place.path), busyTimeout: .seconds(10))
            try stranger.begin()
            _ = try await daemon.control("enqueue", "--type", "test:job")
            await eventually(equals: 503) { try daemon.get("/healthz").status }
            #expect(try daemon.get("/healthz").body.contains("another process keeps"))
        }
        let answer = try await daemon.control("enqueue", "--type", "test:job")
        #expect(answer.status == .exited(0))
        await eventually(equals: 200) { try daemon.get("/healthz").status }
        try await daemon.drain()
    }

    @Test("a file that was removed is told everywhere, its jobs run, and nothing new is promised")
    func removed() async throws {
        let place = try Place()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: place.address, effects: effects)
        try await daemon.done("pause", "default")
        try await daemon.done("enqueue", "--type", "test:job", "--id", "one", "--delay", "2s")
        try await daemon.done("resume", "default")
        for name in ["", "-wal", "-shm", ".lock"] {
            rename(place.path + name, place.path + name + ".away")
        }
        let answer = try await daemon.control("enqueue", "--type", "test:job", "--id", "two")
        #expect(answer.status != .exited(0))
        #expect(answer.errors.contains { $0.contains("was removed") }, "\(answer.errors)")
        #expect(try daemon.get("/healthz").status == 503)
        try await daemon.child.line(containing: "jobqueuectl export")
        await eventually(equals: ["one"]) { effects.ended }
        for name in ["", "-wal", "-shm", ".lock"] {
            rename(place.path + name + ".away", place.path + name)
        }
        await eventually(equals: 200) { try daemon.get("/healthz").status }
        try await daemon.done("enqueue", "--type", "test:job", "--id", "three")
        await eventually(equals: ["one", "three"]) { effects.ended }
        try await daemon.drain()
    }

    @Test("the file belongs to its group too, whatever the umask of the service")
    func group() async throws {
        let place = try Place()
        let daemon = try await DaemonProcess.ready(
            address: place.address,
            launcher: ["/bin/sh", "-c", #"umask 077; exec "$0" "$@""#])
        for name in ["", "-wal", "-shm"] {
            var status = stat()
            #expect(stat(place.path + name, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660, "jobs.db\(name)")
        }
        try await daemon.drain()
    }

    @Test("a relative path is refused: exit 78")
    func relative() async throws {
        try await expectFailure(
            of: try DaemonProcess(address: "sqlite:jobs.db"), 78, "absolute path")
    }

    @Test("jobs in memory are gone with it")
    func memory() async throws {
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: "sqlite::memory:", effects: effects)
        try await daemon.done("enqueue", "--type", "test:job", "--id", "one")
        await eventually(equals: ["one"]) { effects.ended }
        try await daemon.drain()
    }

    @Test(
        "when the disk is full what runs goes on, outcomes wait, and all is written when there is room",
        .enabled(if: SmallDisk.isPossible, "only root can make a small disk"))
    func fullDisk() async throws {
        let disk = try SmallDisk(kilobytes: 3000)
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: "sqlite:\(disk.directory.file("jobs.db"))",
            effects: effects)
        // They end when the disk is full, however slow the machine is to say that they run.
        let end = daemon.directory.file("end")
        let ids = try await daemon.done(
            "enqueue", "--type", "test:job", "--count", "5", "--payload",
            #"{"says_start":true,"until":"\#(end)"}"#)
        await eventually { Set(effects.started) == Set(ids) }
        try disk.fill()
        try daemon.directory.write("", to: "end")
        try await daemon.child.line(containing: "cannot write", within: .seconds(60))
        await eventually { Set(effects.ended) == Set(ids) }
        let answer = try await daemon.control("enqueue", "--type", "test:job")
        #expect(answer.status == .exited(1))
        #expect(answer.errors.contains { $0.contains("make room") })
        disk.clear()
        await eventually(equals: 5) {
            try daemon.metric(#"jobqueue_jobs_processed_total{type="test:job"}"#)
        }
        try await daemon.done("enqueue", "--type", "test:job", "--id", "later")
        await eventually { effects.ended.contains("later") }
        #expect(effects.ended.count == 6)
        try await daemon.drain()
    }

    // MARK: - What it cannot start with

    @Test("a second daemon on the file: exit 78")
    func second() async throws {
        let place = try Place()
        let first = try await DaemonProcess.ready(address: place.address)
        try await expectFailure(
            of: try DaemonProcess(address: place.address), 78, "in use by another jobqueued (pid")
        try await first.drain()
    }

    @Test("a file that is no database: exit 77")
    func noDatabase() async throws {
        let place = try Place()
        try place.directory.write(String(repeating: "x", count: 2000), to: "jobs.db")
        try await expectFailure(of: try DaemonProcess(address: place.address), 77, "is no database")
    }

    @Test("another program's database: exit 77")
    func foreign() async throws {
        let place = try Place()
        try place.change("CREATE TABLE mine(a)")
        try await expectFailure(
            of: try DaemonProcess(address: place.address), 77, "database of another program")
    }

    @Test("a file of a newer version: exit 77")
    func newer() async throws {
        let place = try Place()
        try await DaemonProcess.ready(address: place.address).drain()
        try place.change("PRAGMA user_version = 1000")
        try await expectFailure(
            of: try DaemonProcess(address: place.address), 77, "a newer jobqueued")
    }

    @Test("a directory that is not there: exit 78")
    func missing() async throws {
        let place = try Place()
        try await expectFailure(
            of: try DaemonProcess(address: "sqlite:\(place.path)/missing"), 78, "cannot open")
        try await expectFailure(of: try DaemonProcess(address: "sqlite:"), 78, "names no file")
    }

    @Test(
        "a file, or a directory, that its user may not write: exit 78",
        .enabled(if: geteuid() == 0, "only root can start it as another user"),
        arguments: [false, true])
    func notWritable(hasFile: Bool) async throws {
        let place = try Place()
        if hasFile { try await DaemonProcess.ready(address: place.address).drain() }
        chmod(place.directory.path, 0o755)
        let runtime = try TemporaryDirectory()
        chmod(runtime.path, 0o777)
        let daemon = try ChildProcess(
            "/usr/bin/setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups",
                "\(ChildProcess.productsDirectory)/jobqueued", "--addr", place.address, "--control",
                runtime.file("control.sock"), "--metrics-addr", "127.0.0.1:0",
            ])
        #expect(try await daemon.waitForEndOfOutput() == .exited(78))
        let errors = daemon.standardError.filter { $0.hasPrefix("ERROR") }
        #expect(errors.count == 1)
        #expect(errors.first?.contains("may this user") == true, "\(daemon.standardError)")
    }

    /// One line that says `text`.
    private func expectFailure(
        of daemon: DaemonProcess, _ status: Int32, _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(
            try await daemon.child.waitForEndOfOutput() == .exited(status),
            sourceLocation: sourceLocation)
        let lines = daemon.log.filter { $0.contains(text) }
        #expect(lines.count == 1, "\(daemon.log)", sourceLocation: sourceLocation)
    }
}
