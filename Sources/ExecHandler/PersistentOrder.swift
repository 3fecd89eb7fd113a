import JobQueue

/// What a long-lived command reads for each job.
enum PersistentOrder {
    /// One line of JSON with its end. The payload is as its producer wrote it, but for line breaks: JSON
    /// has them between values only, where a blank means the same.
    ///
    /// - Parameter deadline: Unix milliseconds at which the command is told to end.
    static func line(of job: Job, deadline: Int64) -> [UInt8] {
        // Names hold nothing that JSON escapes.
        let head =
            #"{"id":"\#(job.id)","type":"\#(job.type)","queue":"\#(job.queue)","#
            + #""attempt":\#(job.attempt),"max_attempts":\#(job.maxAttempts),"#
            + #""deadline_ms":\#(deadline),"payload":"#
        var line: [UInt8] = []
        line.reserveCapacity(head.utf8.count + job.payload.bytes.count + 2)
        line += head.utf8
        line += job.payload.bytes
        for index in line.indices where isLineBreak(line[index]) { line[index] = 0x20 }
        line += "}\n".utf8
        return line
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}
