/// What commands that change something print for people.
package enum ChangeReport {
    /// What was done, and what was not: the latter is for standard error.
    ///
    /// - Parameter verb: what was done, such as `requeued`.
    package static func text(
        _ change: ControlChange, verb: String
    ) -> (output: String, complaints: String) {
        let unchanged = change.unchanged.map { "\($0.id): \($0.reason)" }
        let missing = change.missing.map { "\($0): there is no such job" }
        return (
            "\(verb) \(ReadableNumber.text(change.count, "job"))\n",
            (unchanged + missing).map { TerminalText.escaped($0) + "\n" }.joined()
        )
    }

    /// - Parameter verb: what was done, such as `paused`.
    package static func text(_ queues: [String], verb: String) -> String {
        if queues.isEmpty { return "there is no queue yet\n" }
        return queues.map { "\(verb) \(TerminalText.escaped($0))\n" }.joined()
    }

    package static func text(_ drain: DrainReply) -> String {
        if drain.running == 0 { return "draining: no job runs\n" }
        return "draining: \(ReadableNumber.text(drain.running, "job")) "
            + "\(drain.running == 1 ? "runs" : "run") and "
            + "\(drain.running == 1 ? "has" : "have") "
            + "\(TimeSpan.text(milliseconds: drain.timeout)) to finish\n"
    }
}
