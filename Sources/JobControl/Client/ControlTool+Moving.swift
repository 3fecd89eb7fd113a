import LinuxSystem

/// All jobs to a file, and from one. Neither holds more of them than one page.
extension ControlTool {
    mutating func exportJobs(_ client: inout ControlClient) throws {
        let queues = try client.call(GetStats.self).queues
        let open = queues.filter { !$0.isPaused && $0.trouble == nil }.map(\.queue)
        if !open.isEmpty {
            complain(
                "not paused: \(open.joined(separator: ", ")); what is claimed meanwhile may be missing, "
                    + "and what becomes due may be there twice (jobqueuectl pause)")
        }
        var count = 0
        var copies = EqualLines()
        var parameters = Export.Parameters()
        do {
            repeat {
                let page = try client.call(Export.self, parameters)
                var lines: [UInt8] = []
                for var job in page.jobs {
                    job.copy = copies.number(of: job)
                    lines += try WireJSON.encode(job) + [UInt8(ascii: "\n")]
                }
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
            while let line = try lines.next() {
                switch line {
                case .job(let job):
                    if batch.isFull(for: job) { try send(&batch, &total, &client) }
                    batch.add(job)
                case .refused(let reason):
                    complain("not imported: \(reason)")
                    result.status = .refused
                }
            }
            try send(&batch, &total, &client)
        } catch {
            complain("the import is not complete; it can be done again: no line is put in twice")
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

/// How many lines before are equal to one, by a number that follows from the line alone: 16 bytes for each
/// line. Lines that have this number by chance count as equal, which does no harm: a copy has to differ from
/// those of equal lines, and be the same each time.
private struct EqualLines {
    private var counts: [UInt64: UInt32] = [:]

    /// Counted from 1.
    mutating func number(of job: MovedJob) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let texts = [
            job.queue, job.state.rawValue, "\(job.time ?? 0)", job.record ?? "", job.raw ?? "",
        ]
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        let number = counts[hash, default: 0] + 1
        counts[hash] = number
        return Int(number)
    }
}

/// The jobs in a file of lines, one after the other.
private struct MovedLines: ~Copyable {
    enum Line {
        case job(MovedJob)
        /// It is no exported job, and why.
        case refused(String)
    }

    /// For lines of a version that did not number equal ones.
    private var copies = EqualLines()
    private var hasJobs = false
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
    mutating func next() throws -> Line? {
        while let line = try nextLine() {
            number += 1
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
            do {
                var job = try WireJSON.decode(MovedJob.self, from: Array(line))
                job.copy = job.copy ?? copies.number(of: job)
                hasJobs = true
                return .job(job)
            } catch {
                let reason = "line \(number) is no exported job: \(error)"
                // A file that begins so is another file.
                guard hasJobs else { throw UsageError(reason) }
                return .refused(reason)
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
