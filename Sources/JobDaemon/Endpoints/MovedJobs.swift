import JobControl
import JobQueue

/// Between a broker's records and the lines of an exported file.
extension MovedJob {
    /// - Parameter id: Of a record that has none of its own.
    init(_ record: JobRecord, otherwise id: JobID) {
        self.init(
            id: (record.id ?? id).description, queue: record.queue.description,
            state: State(record.state),
            // A score that no Int64 expresses is beyond all times.
            time: record.state == .pending ? nil : record.time ?? EnvelopeLimits.time.upperBound)
        let bytes = record.envelope
        if bytes.count <= Self.textLimit, let text = String(validating: bytes, as: UTF8.self) {
            self.record = text
        } else {
            var base64: [UInt8] = []
            Base64.encode(bytes, into: &base64)
            raw = String(decoding: base64, as: UTF8.self)
        }
    }

    private typealias State = ControlJob.State
}

/// A line that is no job, and why; the lines beside it are imported all the same.
struct LineRefused: Error {
    let reason: String
}

extension ImportedJob {
    init(_ job: MovedJob) throws(LineRefused) {
        guard let queue = QueueName(job.queue) else {
            throw LineRefused(reason: "'\(job.queue)' is no name of a queue")
        }
        guard job.state != .active, let state = JobState(rawValue: job.state.rawValue) else {
            throw LineRefused(reason: "a job that is \(job.state.rawValue) cannot be imported")
        }
        guard
            let bytes = job.record.map({ Array($0.utf8) })
                ?? job.raw.flatMap({ Base64.decode($0.utf8) })
        else { throw LineRefused(reason: "it has neither a record nor its Base64") }
        var time: Int64?
        if state != .pending {
            guard let given = job.time else {
                throw LineRefused(reason: "it is \(state.rawValue) and has no time_ms")
            }
            // As the numbers of an envelope are: 0 to the end of the year 9999.
            let range = EnvelopeLimits.time
            time = min(max(given, range.lowerBound), range.upperBound)
        }
        guard job.copy.map({ $0 > 0 }) ?? true else {
            throw LineRefused(reason: "its copy is counted from 1")
        }
        let record = JobRecord(queue: queue, state: state, envelope: bytes, time: time)
        if let copy = job.copy {
            self.init(record, copy: "\(copy)")
        } else if record.id == nil {
            // The id that it was given for the way tells it from its equals.
            self.init(record, copy: job.id.isEmpty ? "1" : job.id.clipped(toBytes: 64))
        } else {
            self.init(record)
        }
    }
}

extension ControlJob.State {
    init(_ state: JobState) {
        self =
            switch state {
            case .pending: .pending
            case .scheduled: .scheduled
            case .active: .active
            case .dead: .dead
            }
    }
}

extension JobID {
    /// For a job that has none while it is on its way.
    static func random(_ source: RandomSource) -> JobID {
        .uuidV7(
            unixMilliseconds: Int64(truncatingIfNeeded: source.bits() >> 16),
            random: (source.bits(), source.bits()))
    }
}
