import Foundation
import SQLite
import SQLiteBroker
import TestSupport
import Testing

@Suite("A file of jobs whose process is killed, or whose machine is switched off, under load")
struct KillTests {
    /// Awaits that the load has come on by a random amount from where it is.
    private func progress(
        of file: LoadedFile, atMost limit: Int, _ generator: inout SeededGenerator
    ) async {
        let wanted = LoadLog.size(file.logPath) + 1 + generator.below(limit)
        await eventually("the load goes on", within: .seconds(60)) {
            LoadLog.size(file.logPath) >= wanted
        }
    }

    @Test("kill -9 a hundred times in the middle of commits: nothing is lost, nothing ends twice")
    func kills() async throws {
        let file = try LoadedFile()
        var log = LoadLog(path: file.logPath)
        var generator = SeededGenerator(seed: UInt64.random(in: 0..<1000))
        for round in 1...100 {
            let process = try file.load("r\(round)")
            await progress(of: file, atMost: 8_000, &generator)
            process.signal(SIGKILL)
            try await process.waitForExit()
            if round.isMultiple(of: 20) {
                var database = try Database(.file(file.path), busyTimeout: .seconds(10))
                try log.catchUp()
                try file.check(&database, against: log)
            }
        }
        try await file.drain()
    }

    @Test(
        "200 copies at random instants: each opens clean, with every answered job, and none twice")
    func copies() async throws {
        let file = try LoadedFile()
        let process = try file.load("r")
        var log = LoadLog(path: file.logPath)
        var generator = SeededGenerator(seed: UInt64.random(in: 0..<1000))
        for round in 1...200 {
            await progress(of: file, atMost: 3_000, &generator)
            // All that was written at this instant, and nothing later.
            process.signal(SIGSTOP)
            await eventually { try Self.isStopped(process.pid) }
            let copy = try LoadedFile()
            for name in ["jobs", "jobs-wal", "log"] {
                try FileManager.default.copyItem(
                    atPath: file.directory.file(name), toPath: copy.directory.file(name))
            }
            try log.catchUp()
            process.signal(SIGCONT)
            do {
                var database = try Database(.file(copy.path), busyTimeout: .zero)
                try copy.check(&database, against: log)
            }
            // To end what a copy has left takes time; some are enough.
            if round.isMultiple(of: 50) { try await copy.drain() }
        }
        process.signal(SIGKILL)
        try await process.waitForExit()
        try await file.drain()
    }

    @Test(
        "power cuts, after which of what was not synced anything is missing or torn: all that was answered is there"
    )
    func powerCuts() async throws {
        let file = try LoadedFile()
        var log = LoadLog(path: file.logPath)
        var generator = SeededGenerator(seed: UInt64.random(in: 0..<1000))
        for round in 1...60 {
            try await cutPower(file, round, [], &generator)
            var database = try Database(.file(file.path), busyTimeout: .zero)
            try log.catchUp()
            try file.check(&database, against: log)
        }
        try await file.drain()
    }

    @Test("with normal durability a power cut may take the last jobs, but the file stays whole")
    func normalDurability() async throws {
        let file = try LoadedFile()
        var log = LoadLog(path: file.logPath)
        var generator = SeededGenerator(seed: UInt64.random(in: 0..<1000))
        var lost = 0
        for round in 1...30 {
            try await cutPower(file, round, ["normal"], &generator)
            try log.catchUp()
            var database = try Database(.file(file.path), busyTimeout: .zero)
            let verdict = try database.first("PRAGMA integrity_check") { $0.text(0) }
            #expect(verdict == "ok")
            var there: Set<String> = []
            try database.query("SELECT envelope FROM job") { row in
                there.insert((try? read(row.bytes(0)).id?.description) ?? "?")
                return true
            }
            lost = max(lost, log.open.subtracting(there).count)
        }
        // Which shows that the test above would find what is lost.
        #expect(lost > 0)
    }

    /// Runs the load for a while and switches the machine off: what is left is what the disk held.
    private func cutPower(
        _ file: LoadedFile, _ round: Int, _ arguments: [String], _ generator: inout SeededGenerator
    ) async throws {
        for name in ["jobs", "jobs-wal"] {
            let (real, disk) = (file.directory.file(name), file.directory.file("\(name).disk"))
            try? FileManager.default.removeItem(atPath: disk)
            if FileManager.default.fileExists(atPath: real) {
                try FileManager.default.copyItem(atPath: real, toPath: disk)
            }
        }
        let process = try file.load(
            "r\(round)", arguments + ["power-cut", "\(generator.below(1 << 30))"])
        await progress(of: file, atMost: 16_000, &generator)
        process.signal(SIGKILL)
        try await process.waitForExit()
        for name in ["jobs", "jobs-wal"] {
            let (real, disk) = (file.directory.file(name), file.directory.file("\(name).disk"))
            try? FileManager.default.removeItem(atPath: real)
            if FileManager.default.fileExists(atPath: disk) {
                try FileManager.default.moveItem(atPath: disk, toPath: real)
            }
        }
        try? FileManager.default.removeItem(atPath: file.directory.file("jobs-shm"))
    }

    private static func isStopped(_ pid: pid_t) throws -> Bool {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return status.contains("State:\tT")
    }
}
