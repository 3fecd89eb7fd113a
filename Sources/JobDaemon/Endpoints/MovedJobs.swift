import JobControl
import JobQueue

/// Between a broker's records and the lines of an exported file.
extension MovedJob {
    /// - Parameter id: Of a record that has none of its own.
    init(_ record: JobRecord, otherwise id: JobID) {
        self.init(
            id: (record.id ?? id).description, queue: record.queue.description,
            state: State(record.state), time: record.time)
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

extension ImportedJob {
    init(_ job: MovedJob) throws(ControlError) {
        guard let queue = QueueName(job.queue) else {
            throw .refused(reason: "'\(job.queue)' is no name of a queue")
        }
        guard let id = JobID(job.id) else { throw .refused(reason: "'\(job.id)' is no job id") }
        guard job.state != .active, let state = JobState(rawValue: job.state.rawValue) else {
            throw .refused(reason: "job \(id) is \(job.state.rawValue): it cannot be imported")
        }
        guard state == .pending || job.time.map({ EnvelopeLimits.time.contains($0) }) == true else {
            throw .refused(reason: "job \(id) is \(state.rawValue) and has no usable time_ms")
        }
        guard
            let bytes = job.record.map({ Array($0.utf8) })
                ?? job.raw.flatMap({ Base64.decode($0.utf8) })
        else { throw .refused(reason: "job \(id) has neither a record nor its Base64") }
        self.init(
            JobRecord(
                queue: queue, state: state, envelope: bytes,
                time: state == .pending ? nil : job.time), otherwise: id)
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
