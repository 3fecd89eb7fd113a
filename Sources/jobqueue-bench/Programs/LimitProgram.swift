import Foundation

/// `bench-limit`: the bare commands in C, with no job queue around them. Its own usage text has the
/// details.
struct LimitProgram: Sendable {
    let socket: String
    let scratch: Scratch

    /// RPUSH in commands of 100. Jobs per second.
    @discardableResult
    func fill(_ list: String, jobs: Int, payload: Int = 0) async throws -> Double {
        try await figure("fill", list, jobs, payload)
    }

    /// RPUSH of single jobs, `depth` in a round trip. Jobs per second.
    func enqueue(to list: String, jobs: Int, depth: Int, payload: Int = 0) async throws -> Double {
        try await figure("enqueue", list, jobs, depth, payload)
    }

    /// LPOP of what lies in `list`, then one HSET and one HDEL of it, or, `singly`, one for each job. Jobs
    /// per second.
    func drain(
        _ list: String, active: String, jobs: Int, batch: Int, singly: Bool
    ) async throws -> Double {
        try await figure(singly ? "drain-singly" : "drain", list, active, jobs, batch)
    }

    /// LPOP, one HSET and one HDEL of a batch, with an RPUSH for each job. Jobs per second.
    func cycle(_ list: String, active: String, jobs: Int, batch: Int) async throws -> Double {
        try await figure("cycle", list, active, jobs, batch)
    }

    /// From the moment that `produce` wrote into each of `samples` jobs to the end of a BLMOVE that waited
    /// for it. Seconds.
    func wakeUps(_ list: String, taken: String, samples: Int) async throws -> [Double] {
        try await figures("wake-up", list, taken, samples).map { $0 * 1e-9 }
    }

    /// The same to the moment when a second thread has the job, which lies in `list` until the wait is over.
    func handOvers(_ list: String, samples: Int) async throws -> [Double] {
        try await figures("hand-over", list, samples).map { $0 * 1e-9 }
    }

    /// RPUSH at a steady pace, from a process of its own. The pace that was reached.
    @discardableResult
    func produce(_ list: String, jobs: Int, perSecond: Int) async throws -> Double {
        try await figure("produce", list, jobs, perSecond)
    }

    /// ZADD of jobs that are due one after the other, the first after `delay`, over `spread`.
    func schedule(
        _ set: String, jobs: Int, delayMilliseconds: Int, spreadMilliseconds: Int
    ) async throws {
        _ = try await figures("schedule", set, jobs, delayMilliseconds, spreadMilliseconds)
    }

    /// 4 KiB appended to a file and put on the disk, again and again. Writes per second.
    func synchronizedWrites(_ count: Int, to file: String) async throws -> Double {
        try await figure("sync", count, on: file)
    }

    /// A program started and waited for, again and again. Runs per second.
    func spawned(_ program: String, runs: Int) async throws -> Double {
        try await figure("spawn", runs, on: program)
    }

    private func figure(
        _ words: any CustomStringConvertible..., on place: String? = nil
    ) async throws -> Double {
        guard let figure = try await figures(words, on: place ?? socket).first else {
            throw BenchError("bench-limit \(words) printed nothing")
        }
        return figure
    }

    private func figures(_ words: any CustomStringConvertible...) async throws -> [Double] {
        try await figures(words, on: socket)
    }

    /// - Parameter place: the socket, or the file that the command is for.
    private func figures(
        _ words: [any CustomStringConvertible], on place: String
    ) async throws -> [Double] {
        let path = "\(try scratch.folder("limit"))/output"
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let output = FileHandle(forWritingAtPath: path)
        else { throw BenchError("cannot write \(path)") }
        let program = try Program(
            Program.path(ofSibling: "bench-limit"), [place] + words.map(\.description),
            output: output)
        try await program.waitForSuccess()
        let text = FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self)
        }
        return (text ?? "").split(separator: "\n").compactMap { Double($0) }
    }
}
