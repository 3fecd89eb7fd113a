import FoundationEssentials

/// What `dead` and `show` print for people.
package enum JobsReport {
    /// The dead jobs as a table.
    ///
    /// - Parameters:
    ///   - now: Unix milliseconds.
    ///   - width: the columns of the terminal, which no line is longer than; `nil`: as long as they are.
    package static func list(
        _ reply: ListDead.Reply, now: Int64, _ palette: Palette, width: Int? = nil
    ) -> String {
        if reply.jobs.isEmpty { return "no job is dead\n" }
        var table = Table([
            ("ID", .left), ("TYPE", .left), ("QUEUE", .left), ("ATTEMPTS", .right),
            ("DIED", .right),
            ("ERROR", .left),
        ])
        for job in reply.jobs {
            table.add([
                Table.Cell(job.id ?? "-"), Table.Cell(job.type ?? "-"), Table.Cell(job.queue),
                Table.Cell(attempts(job) ?? "-"),
                Table.Cell(job.diedAt.map { TimeSpan.age(since: $0, now: now) + " ago" } ?? "-"),
                Table.Cell(shortened(FailureSummary.text(of: job.lastError ?? ""))),
            ])
        }
        if let width {
            // Where little room is left for the errors, `dead show` tells the rest.
            for title in ["QUEUE", "ATTEMPTS"] where width - table.widthBeforeLast < 24 {
                table.leaveOut(title)
            }
        }
        let rest = "\nthere are more; --limit N shows up to \(ListDead.limits.upperBound)\n"
        return table.text(palette, width: width) + (reply.more ? rest : "")
    }

    /// All that is known about some jobs, each in a paragraph.
    ///
    /// - Parameter now: Unix milliseconds.
    package static func details(_ jobs: [ControlJob], now: Int64, _ palette: Palette) -> String {
        jobs.map { details($0, now, palette) }.joined(separator: "\n")
    }
}

extension JobsReport {
    private static func details(_ job: ControlJob, _ now: Int64, _ palette: Palette) -> String {
        func moment(_ time: Int64?) -> String? {
            time.map { "\(Moment.text(milliseconds: $0)) (\(TimeSpan.distance(to: $0, now: now)))" }
        }
        let isDead = job.state == .dead
        let fields: [(name: String, value: String?)] = [
            ("id", job.id), ("type", job.type), ("queue", job.queue), ("state", job.state.rawValue),
            ("attempts", attempts(job)), ("enqueued", moment(job.enqueuedAt)),
            ("due", moment(job.dueAt)), ("died", moment(job.diedAt)),
            ("ended", moment(job.endedAt)), ("worker", job.worker),
            ("lost", job.lost.flatMap { $0 == 0 ? nil : ReadableNumber.text($0, "time") }),
            ("error", job.lastError), ("history", job.history.map(history)),
            ("payload", job.payload), ("result", job.result),
            (
                "cut",
                job.isResultCut == true ? "the result was longer than what is kept" : nil
            ),
            ("raw", job.raw.map(raw)),
            (
                "left out",
                job.leftOutBytes.map {
                    ReadableNumber.text($0, "byte") + ", too many for one reply"
                }
            ),
        ]
        return fields.map { name, value in
            guard let value else { return "" }
            let title = palette.paint(name, .bold) + String(repeating: " ", count: 10 - name.count)
            let style: Palette.Style =
                isDead && (name == "error" || name == "state") ? .red : .plain
            return title + lines(value).map { palette.paint($0, style) }.joined(separator: margin)
                + "\n"
        }.joined()
    }

    /// A record that is no job's: the text that it is, or else as it came.
    private static func raw(_ base64: String) -> String {
        guard let bytes = Data(base64Encoded: base64),
            let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({
                $0.value >= 0x20 || "\n\r\t".unicodeScalars.contains($0)
            })
        else { return "\(base64) (Base64)" }
        return text
    }

    /// One line for each attempt.
    private static func history(_ attempts: [ControlAttempt]) -> String {
        attempts.map { attempt in
            let (took, overflow) = attempt.endedAt.subtractingReportingOverflow(attempt.startedAt)
            let start = Moment.text(milliseconds: attempt.startedAt)
            let end = attempt.error.map { shortened(FailureSummary.text(of: $0)) } ?? "done"
            return "\(attempt.number). \(start), "
                + "\(TimeSpan.text(milliseconds: overflow ? 0 : max(0, took))): \(end)"
        }.joined(separator: "\n")
    }

    private static let margin = "\n" + String(repeating: " ", count: 10)

    /// The lines of foreign text, each harmless.
    private static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map { TerminalText.escaped(String($0)) }
    }

    private static func attempts(_ job: ControlJob) -> String? {
        job.attempts.map { made in
            ReadableNumber.text(made)
                + (job.maxAttempts.map { " of \(ReadableNumber.text($0))" } ?? "")
        }
    }

    /// The beginning of an error, for a table; harmless once it is in a cell.
    private static func shortened(_ text: String) -> String {
        let line = text.prefix { !$0.isNewline }
        let limit = 100
        return line.count > limit || line.count < text.count ? line.prefix(limit - 1) + "…" : text
    }
}
