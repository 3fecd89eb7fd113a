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
        let text = String(repeating: "x", count: max(0, size - head.count - tail.count))
        return NewJob(type: type, payload: Payload(Array((head + text + tail).utf8)))
    }

    /// The time that the producer put into the payload: when the job was sent, or is due.
    static func time(in job: Job) throws -> MonotonicTime {
        let digits = job.payload.bytes.dropFirst(timeOffset).prefix(timeWidth)
        guard let time = UInt64(String(decoding: digits, as: UTF8.self)) else {
            throw BenchError("a job without a time: \(job.payload.text)")
        }
        return MonotonicTime(nanoseconds: time)
    }

    private static let head = #"{"time":"00000000000000000000","text":""#
    private static let tail = #""}"#
    private static let timeOffset = 9
    private static let timeWidth = 20
}
