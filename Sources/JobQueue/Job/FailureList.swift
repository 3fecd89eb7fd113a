/// One attempt that failed, as the job's record tells it.
package struct FailedAttempt: Sendable, Equatable {
    package let number: Int
    /// Unix milliseconds, like `endedAt`.
    package let startedAt: Int64
    package let endedAt: Int64
    package let reason: String

    package init(number: Int, startedAt: Int64, endedAt: Int64, reason: String) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.reason = reason
    }
}

/// A job's last failed attempts, the latest last: the field `failures` of its record.
package struct FailureList: Sendable, Equatable {
    package private(set) var attempts: [FailedAttempt] = []

    package init() {}

    /// Adds the latest. Of those before it the last few stay, and of its reason the beginning.
    package mutating func append(_ attempt: FailedAttempt) {
        attempts.append(
            FailedAttempt(
                number: attempt.number, startedAt: attempt.startedAt, endedAt: attempt.endedAt,
                reason: ErrorText.clipped(attempt.reason, to: EnvelopeLimits.failureReason)))
        attempts.removeFirst(max(0, attempts.count - EnvelopeLimits.failures))
    }
}

// MARK: - JSON

extension FailureList {
    func encoded() -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "[")]
        for attempt in attempts {
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            output.append(verbatim: "{\"attempt\":")
            output.append(decimal: attempt.number)
            output.append(verbatim: ",\"started_at\":")
            output.append(decimal: attempt.startedAt)
            output.append(verbatim: ",\"ended_at\":")
            output.append(decimal: attempt.endedAt)
            output.append(verbatim: ",\"error\":")
            output.append(jsonString: attempt.reason)
            output.append(UInt8(ascii: "}"))
        }
        output.append(UInt8(ascii: "]"))
        return output
    }

    /// What somebody else wrote into the field is passed over.
    init(reading value: JSONValue, in bytes: [UInt8]) {
        // Cannot fail: the same bytes were read before.
        let elements = (try? JSONValue.elements(in: bytes, at: value.range.lowerBound)) ?? []
        for element in elements.suffix(EnvelopeLimits.failures) where element.kind == .object {
            guard
                let members = try? JSONValue.members(in: bytes, at: element.range.lowerBound),
                let attempt = FailedAttempt(members, in: bytes)
            else { continue }
            append(attempt)
        }
    }
}

extension FailedAttempt {
    fileprivate init?(_ members: [(name: String, value: JSONValue)], in bytes: [UInt8]) {
        func integer(_ name: String, _ range: ClosedRange<Int64>) -> Int64? {
            let value = members.last { $0.name == name }?.value.integer(in: bytes)
            return value.flatMap { range.contains($0) ? $0 : nil }
        }
        guard let number = integer("attempt", EnvelopeLimits.attempts),
            let startedAt = integer("started_at", EnvelopeLimits.time),
            let endedAt = integer("ended_at", EnvelopeLimits.time)
        else { return nil }
        self.init(
            number: Int(number), startedAt: startedAt, endedAt: endedAt,
            reason: members.last { $0.name == "error" }?.value.string(in: bytes) ?? "")
    }
}
