import JobQueue

/// Jobs as a program may ask for them, with foreign text in each field. What is encoded is taken again,
/// and says what was asked for.
///
/// An input is its fields, each with a byte 255 before the next: type, unique key, header's name, its
/// value, numbers, and the payload.
struct NewJobTarget: FuzzTarget {
    func run(_ input: [UInt8]) throws {
        let parts = input.split(separator: 0xFF, maxSplits: 5, omittingEmptySubsequences: false)
        func text(_ number: Int) -> String? {
            number < parts.count ? String(decoding: parts[number], as: UTF8.self) : nil
        }
        guard let id = JobID("given"), let type = text(0).flatMap({ JobType($0) }) else { return }
        let payload = parts.count > 5 ? Array(parts[5]) : Array("null".utf8)
        var job = NewJob(type: type, payload: Payload(payload))
        job.uniqueKey = text(1)
        if let name = text(2) { job.headers[name] = text(3) ?? name }
        let numbers = (text(4) ?? "").split(separator: " ").map { Int64($0) }
        job.maxAttempts = numbers.first.flatMap { $0 }.map { Int($0) }
        job.timeout = numbers.dropFirst().first.flatMap { $0 }.map { .milliseconds($0) }

        let bytes: [UInt8]
        do throws(EnvelopeError) {
            bytes = try Envelope.encode(
                job, id: id, enqueuedAt: 1, maxPayload: EnvelopeTarget.maxPayload)
        } catch {
            return
        }
        try check(bytes, job, id: id)
    }

    private func check(_ bytes: [UInt8], _ job: NewJob, id: JobID) throws {
        let envelope: Envelope
        do throws(EnvelopeError) {
            envelope = try Envelope(bytes, maxPayload: EnvelopeTarget.maxPayload)
        } catch {
            throw Finding("what was encoded is refused: \(error)")
        }
        guard envelope.type == job.type, envelope.id == id, envelope.enqueuedAt == 1,
            envelope.maxAttempts == job.maxAttempts, envelope.timeout == job.timeout,
            envelope.uniqueKey.map({ Array($0.utf8) }) == job.uniqueKey.map({ Array($0.utf8) })
        else { throw Finding("what was encoded reads back otherwise") }
        guard envelope.headers == job.headers else {
            throw Finding("the headers are \(envelope.headers)")
        }
        let space = Array(" \t\r\n".utf8)
        let asked = job.payload.bytes.drop { space.contains($0) }
        guard asked.starts(with: envelope.payload.bytes),
            asked.dropFirst(envelope.payload.bytes.count).allSatisfy({ space.contains($0) })
        else { throw Finding("the payload is \(envelope.payload.text)") }
        if JSONCheck.isReadDifferently(bytes) { return }
        guard JSONCheck.foundationValue(bytes) is [String: Any] else {
            throw Finding("what was encoded is no object to Foundation")
        }
    }
}

extension NewJobTarget {
    static let seeds = [
        "email:welcome|customer-42|traceparent|00-ab|5 1000|{\"user_id\":42}", "a", "a||||| null ",
        "a|\u{1F}\"\\|é\n|\u{0}😀|0 0|[1e5, \"\\ud83d\\ude00\"]\n", "|", "a|k|n|v|x|1",
    ].map { $0.split(separator: "|", omittingEmptySubsequences: false).map { Array($0.utf8) } }
        .map { Array($0.joined(separator: [0xFF])) }

    static let tokens =
        [[0xFF], [0xFF, 0xFF], [0]] + EnvelopeTarget.tokens
        + ["31536000000", "31536000001", "1000000001", "\u{7F}", "\u{85}", "\n"].inputs
}
