import JobQueue

/// The jobs that are measured. `bench-limit` makes the same.
enum BenchJob {
    /// Every job's type.
    static let type: JobType = {
        guard let type = JobType("bench:noop") else { preconditionFailure("not a type's name") }
        return type
    }()

    /// A job with a payload of so many bytes, or a few more.
    static func new(payload size: Int) -> NewJob {
        let least = head.count + timeWidth + middle.count + tail.count
        return new(
            time: MonotonicTime(nanoseconds: 0),
            text: String(repeating: "x", count: max(0, size - least)))
    }

    /// A job that tells when it was sent.
    static func new(time: MonotonicTime, text: String = "") -> NewJob {
        let digits = String(time.nanoseconds)
        let zeros = String(repeating: "0", count: max(0, timeWidth - digits.count))
        return NewJob(
            type: type, payload: Payload(Array((head + zeros + digits + middle + text + tail).utf8))
        )
    }

    /// The time that the producer put into the payload: when the job was sent, or is due.
    static func time(in job: Job) throws -> MonotonicTime {
        let digits = job.payload.bytes.dropFirst(head.utf8.count).prefix(timeWidth)
        guard let time = UInt64(String(decoding: digits, as: UTF8.self)) else {
            throw BenchError("a job without a time: \(job.payload.text)")
        }
        return MonotonicTime(nanoseconds: time)
    }

    private static let head = #"{"time":""#
    private static let timeWidth = 20
    private static let middle = #"","text":""#
    private static let tail = #""}"#
}
