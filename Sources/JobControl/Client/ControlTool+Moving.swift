import LinuxSystem

/// All jobs to a file, and from one. Neither holds more of them than one page.
extension ControlTool {
    mutating func exportJobs(_ client: inout ControlClient) throws {
        let queues = try client.call(GetStats.self).queues
        let open = queues.filter { !$0.isPaused && $0.trouble == nil }.map(\.queue)
        if !open.isEmpty {
            complain(
                "not paused: \(open.joined(separator: ", ")); what is claimed meanwhile may be missing "
                    + "(jobqueuectl pause)")
        }
        var count = 0
        var parameters = Export.Parameters()
        do {
            repeat {
                let page = try client.call(Export.self, parameters)
                var lines: [UInt8] = []
                for job in page.jobs { lines += try WireJSON.encode(job) + [UInt8(ascii: "\n")] }
                try write(lines)
                count += page.jobs.count
                for id in page.leftOut {
                    complain("left out: job \(id), which is too large for a frame")
                    result.status = .refused
                }
                parameters.after = page.next
            } while parameters.after != nil
        } catch {
            complain("the export is not complete: it ended after \(count) jobs")
            throw error
        }
        let active = queues.reduce(0) { $0 + $1.active }
        result.errors += "exported \(count) jobs; \(active) were active and were left out\n"
    }

    mutating func importJobs(
        _ source: ControlCommand.PayloadSource, _ isJSON: Bool, _ client: inout ControlClient
    ) throws {
        var total = Import.Reply()
        var batch = ImportBatch()
        do {
            var lines = try MovedLines(source, surroundings)
            while let job = try lines.next() {
                if batch.isFull(for: job) { try send(&batch, &total, &client) }
                batch.add(job)
            }
            try send(&batch, &total, &client)
        } catch {
            complain("the import is not complete; it can be done again: no job is put in twice")
            try show(total, isJSON)
            throw error
        }
        try show(total, isJSON)
    }

    private mutating func send(
        _ batch: inout ImportBatch, _ total: inout Import.Reply, _ client: inout ControlClient
    ) throws {
        if batch.jobs.isEmpty { return }
        let reply = try client.call(Import.self, .init(jobs: batch.jobs))
        for job in reply.refused { complain("not imported: job \(job.id): \(job.reason)") }
        if !reply.refused.isEmpty { result.status = .refused }
        total.add(reply)
        batch = ImportBatch()
    }

    private mutating func show(_ total: Import.Reply, _ isJSON: Bool) throws {
        result.output +=
            isJSON
            ? try WireJSON.document(total)
            : "imported \(total.imported) jobs; \(total.known) were there already\n"
    }

    private mutating func complain(_ message: String) {
        result.errors += "jobqueuectl: \(TerminalText.escaped(message))\n"
    }

    mutating func write(_ bytes: [UInt8]) throws {
        if let write = surroundings.write {
            try write(bytes)
        } else {
            result.output += String(decoding: bytes, as: UTF8.self)
        }
    }
}

/// Jobs that go in one call.
private struct ImportBatch {
    private(set) var jobs: [MovedJob] = []
    private var room = ControlLimits.standardFrame / 2

    func isFull(for job: MovedJob) -> Bool {
        !jobs.isEmpty && (jobs.count == Import.countLimit || job.size > room)
    }

    mutating func add(_ job: MovedJob) {
        jobs.append(job)
        room -= job.size
    }
}

/// The jobs in a file of lines, one after the other.
private struct MovedLines: ~Copyable {
    private let file: FileDescriptor?
    private let surroundings: ControlTool.Surroundings
    private var bytes: [UInt8] = []
    private var start = 0
    private var number = 0
    private var isAtEnd = false

    init(_ source: ControlCommand.PayloadSource, _ surroundings: ControlTool.Surroundings) throws {
        self.surroundings = surroundings
        if case .file(let path) = source {
            file = try .open(reading: path)
        } else {
            file = nil
        }
    }

    /// `nil`: there are no more.
    mutating func next() throws -> MovedJob? {
        while let line = try nextLine() {
            number += 1
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
            do {
                return try WireJSON.decode(MovedJob.self, from: Array(line))
            } catch {
                throw UsageError("line \(number) is no exported job: \(error)")
            }
        }
        return nil
    }

    private mutating func nextLine() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return bytes[start..<end]
            }
            searched = bytes.count - start
            bytes.removeFirst(start)
            start = 0
            if isAtEnd {
                if bytes.isEmpty { return nil }
                start = bytes.count
                return bytes[...]
            }
            guard bytes.count <= ControlLimits.standardFrame else {
                throw UsageError(
                    "line \(number + 1) is too long for a frame: it is no exported job")
            }
            let more = try read()
            isAtEnd = more.isEmpty
            bytes += more
        }
    }

    private func read() throws(SystemError) -> [UInt8] {
        switch try file?.read(atMost: 64 * 1024) {
        case nil: try surroundings.nextInput()
        case .bytes(let more): more
        case .nothingYet, .end: []
        }
    }
}
