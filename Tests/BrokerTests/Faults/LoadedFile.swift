import Foundation
import SQLite
import TestSupport
import Testing

/// A file of jobs that processes under load are killed over, and what it must hold.
struct LoadedFile {
    let directory: TemporaryDirectory
    var path: String { directory.file("jobs") }
    var logPath: String { directory.file("log") }

    init() throws { directory = try TemporaryDirectory() }

    /// Starts a process that enqueues and ends jobs until it is killed.
    ///
    /// - Parameter prefix: of the ids that it makes.
    func load(_ prefix: String, _ arguments: [String] = []) throws -> ChildProcess {
        try ChildProcess(product: "jobqueue-testload", [path, logPath, prefix] + arguments)
    }

    /// Ends all jobs that are left, and checks that each has ended once.
    func drain(_ arguments: [String] = []) async throws {
        let process = try load("none", ["drain"] + arguments)
        #expect(try await process.waitForEndOfOutput(within: .seconds(120)) == .exited(0))
        var log = LoadLog(path: logPath)
        try log.catchUp()
        #expect(log.open.isEmpty, "not lost")
        var database = try Database(.file(path), busyTimeout: .seconds(10))
        let done = try database.first("SELECT total_done FROM queue") { Int($0.integer(0)) }
        #expect(done == log.acked.count, "each ended once")
        try check(&database, against: log)
    }

    /// Checks a file, or a copy of it, against what the log said at that moment.
    func check(_ database: inout Database, against log: LoadLog) throws {
        let verdict = try database.first("PRAGMA integrity_check") { $0.text(0) }
        #expect(verdict == "ok")
        var ids: [String] = []
        try database.query("SELECT envelope FROM job") { row in
            ids.append((try? read(row.bytes(0)).id?.description) ?? "?")
            return true
        }
        let there = Set(ids)
        #expect(there.count == ids.count, "no job is there twice")
        #expect(
            log.open.isSubset(of: there), "every job whose enqueue was answered is there")
        let wrong = try database.first(
            """
            SELECT count(*) FROM queue WHERE
                pending <> (SELECT count(*) FROM job WHERE queue = queue.id AND state = 0) OR
                scheduled <> (SELECT count(*) FROM job WHERE queue = queue.id AND state = 1) OR
                active <> (SELECT count(*) FROM job WHERE queue = queue.id AND state = 2) OR
                dead <> (SELECT count(*) FROM job WHERE queue = queue.id AND state = 3)
            """
        ) { $0.integer(0) }
        #expect(wrong ?? 0 == 0, "the counts are right")
    }
}

/// What processes under load have said so far, read on from where it was read before.
struct LoadLog {
    /// They were about to be acked.
    private(set) var acked: Set<String> = []
    /// Their enqueue was answered, and nobody was about to ack them.
    private(set) var open: Set<String> = []
    private let path: String
    private var position: UInt64 = 0

    init(path: String) { self.path = path }

    /// Reads what has been written since.
    mutating func catchUp() throws {
        guard let file = FileHandle(forReadingAtPath: path) else { return }
        defer { try? file.close() }
        try file.seek(toOffset: position)
        let bytes = try file.readToEnd() ?? Data()
        position += UInt64(bytes.count)
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let id = String(line.dropFirst(2))
            if line.hasPrefix("F ") {
                acked.insert(id)
                open.remove(id)
            } else if line.hasPrefix("E "), !acked.contains(id) {
                // Its end may be told before the answer to its enqueue.
                open.insert(id)
            }
        }
    }

    /// How many bytes there are; how far the load has come.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
