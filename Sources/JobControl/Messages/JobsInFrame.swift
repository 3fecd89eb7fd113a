/// As many records of a list as fit into one frame, and of each as much as fits.
struct JobsInFrame {
    private(set) var jobs: [ControlJob] = []
    /// Whether records were left out.
    private(set) var leftOut = false

    /// The most that is kept of an error's text, in bytes.
    static let errorLimit = 4096
    /// Room in the frame for what is around the list.
    private static let around = 1024
    /// The most that a record takes beside the texts that are measured: names, numbers, punctuation.
    private static let fixed = 512

    /// - Parameter limit: the most bytes the whole frame may have.
    init(_ all: [ControlJob], limit: Int) {
        var room = max(0, limit - Self.around)
        for job in all {
            var job = job
            job.lastError = job.lastError?.clipped(toBytes: Self.errorLimit)
            let described =
                Self.fixed
                + Self.size(of: [job.queue, job.id, job.type, job.lastError, job.worker])
                + (job.history ?? []).reduce(0) { $0 + 128 + Self.size(of: [$1.error]) }
            guard described <= room else {
                leftOut = true
                return
            }
            room -= described
            let content = Self.size(of: [job.payload, job.raw, job.result])
            if content <= room {
                room -= content
            } else {
                // Half a payload would be of no use, and looks like a whole one to a program.
                job.leftOutBytes = [job.payload, job.raw, job.result].reduce(0) {
                    $0 + ($1?.utf8.count ?? 0)
                }
                job.payload = nil
                job.result = nil
                job.raw = nil
            }
            jobs.append(job)
        }
    }

    /// How many bytes the strings take as JSON.
    static func size(of strings: [String?]) -> Int {
        strings.reduce(0) { sum, string in
            guard let string else { return sum }
            return string.utf8.reduce(sum + 2) { $0 + size(of: $1) }
        }
    }

    private static func size(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): 2
        case 0x08, 0x09, 0x0A, 0x0C, 0x0D: 2
        case ..<0x20, 0x7F: 6
        default: 1
        }
    }
}
