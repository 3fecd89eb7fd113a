import JobQueue

/// What a long-lived command says of a job: one line of JSON.
enum PersistentAnswer: Equatable {
    /// `result`: one JSON value; `nil`: there is none.
    case done(result: [UInt8]?)
    case failed(reason: String)
    case failedForGood(reason: String)
    case failedFor(milliseconds: Int64, reason: String)

    /// Reads `line`, which may be anything.
    ///
    /// - Parameter id: the job that it must be about, where it says so.
    init(_ line: [UInt8], of id: JobID) throws(NoAnswer) {
        let members = try Self.members(of: line)
        /// The last one counts of what is given twice, as in most readers of JSON.
        func value(_ name: String) -> JSONValue? { members.last { $0.name == name }?.value }
        if let told = value("id")?.string(in: line), told != id.description {
            throw NoAnswer("it is about another job", line)
        }
        guard let ok = value("ok"), ok.kind == .boolean else {
            throw NoAnswer("it has no \"ok\" that is true or false", line)
        }
        if Self.isTrue(ok, in: line) {
            self = .done(result: value("result").map { Array(line[$0.range]) })
            return
        }
        let reason = value("error")?.string(in: line) ?? "it failed, and does not say why"
        if let dead = value("dead"), Self.isTrue(dead, in: line) {
            self = .failedForGood(reason: reason)
        } else if let wait = value("retry_after_ms")?.integer(in: line) {
            self = .failedFor(milliseconds: max(0, wait), reason: reason)
        } else {
            self = .failed(reason: reason)
        }
    }

    private static func members(
        of line: [UInt8]
    ) throws(NoAnswer) -> [(name: String, value: JSONValue)] {
        do throws(JSONError) {
            let whole = try JSONScanner.document(line.span)
            // Else it is a value that has no members.
            guard whole.kind == .object else { return [] }
            return try JSONValue.members(in: line, at: whole.range.lowerBound)
        } catch {
            throw NoAnswer(error.description, line)
        }
    }

    private static func isTrue(_ value: JSONValue, in line: [UInt8]) -> Bool {
        value.kind == .boolean && line[value.range.lowerBound] == UInt8(ascii: "t")
    }

    /// Does what the answer says.
    ///
    /// - Parameter use: what becomes of its result.
    func replay(_ context: JobContext, _ use: CommandDefinition.ResultUse) throws {
        switch self {
        case .done(let result?) where use == .keep:
            do {
                try context.setResult(Payload(result))
            } catch {
                // The job has done its work.
                context.log.warning("\(error): it is not kept")
                context.noteTooLargeResult()
            }
        case .done: return
        case .failed(let reason): throw CommandFailure(description: ErrorText.clipped(reason))
        case .failedForGood(let reason): throw SkipRetry(ErrorText.clipped(reason))
        case .failedFor(let milliseconds, let reason):
            throw RetryAfter(.milliseconds(milliseconds), ErrorText.clipped(reason))
        }
    }
}

/// A line on standard output that is no answer. Most often it is a message for people.
struct NoAnswer: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String, _ line: [UInt8]) {
        let beginning = LogText.line(of: line.prefix(Self.shown))
        let rest = line.count > Self.shown ? "…" : ""
        description =
            "no answer on standard output: '\(beginning)\(rest)' (\(reason)); messages belong to "
            + "standard error"
    }

    private static let shown = 100
}
