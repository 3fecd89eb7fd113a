import Foundation
import TestSupport
import Testing

/// A Redis whose disk a test fills: every write is refused with MISCONF then.
struct FullDisk {
    enum Kind: CaseIterable {
        /// Its append-only file cannot grow.
        case appendOnlyFile
        /// Its snapshots fail.
        case snapshots
    }

    let redis: RedisServer
    private let kind: Kind

    init(_ kind: Kind) async throws {
        self.kind = kind
        switch kind {
        case .appendOnlyFile:
            // A write beyond the limit is to fail, as on a full disk, and not to end the process.
            redis = try await RedisServer(
                appendOnly: true,
                launcher: ["/bin/sh", "-c", #"trap "" XFSZ; exec "$0" "$@""#])
        case .snapshots:
            redis = try await RedisServer()
            try redis.command(["CONFIG", "SET", "save", "3600 1000000"])
        }
    }

    /// Returns when writes are refused.
    func fill() async throws {
        switch kind {
        case .appendOnlyFile: try await limitFiles(to: "1")
        case .snapshots:
            // The snapshot cannot take the place of a directory.
            try FileManager.default.createDirectory(
                atPath: snapshot, withIntermediateDirectories: false)
            try await save()
        }
        await eventually("writes are refused") {
            let reply = try redis.pipeline([["DEL", "nothing"], ["SET", "probe", "x"]])[1]
            if case .error(let text) = reply { return text.hasPrefix("MISCONF") }
            return false
        }
    }

    /// Returns when writes are let through.
    func heal() async throws {
        switch kind {
        case .appendOnlyFile: try await limitFiles(to: "unlimited")
        case .snapshots:
            try FileManager.default.removeItem(atPath: snapshot)
            try await save()
        }
        await eventually("writes are let through") {
            try redis.command(["SET", "probe", "x"]) == .status("OK")
        }
    }

    private var snapshot: String { redis.directory.file("dump.rdb") }

    private func save() async throws {
        await eventually("a snapshot begins") { try redis.command(["BGSAVE"]).text != nil }
    }

    /// No file of Redis's grows beyond so many bytes.
    private func limitFiles(to size: String) async throws {
        guard let pid = redis.pid else { throw TestSupportError("Redis is not running") }
        let tool = try ChildProcess("/usr/bin/prlimit", ["--pid", "\(pid)", "--fsize=\(size):"])
        let status = try await tool.waitForEndOfOutput()
        guard status == .exited(0) else {
            throw TestSupportError("prlimit: \(tool.standardError)")
        }
    }
}
