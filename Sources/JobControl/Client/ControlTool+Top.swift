/// `jobqueuectl top`: what is there, again and again, until somebody has seen enough.
extension ControlTool {
    mutating func top(_ isJSON: Bool, _ client: inout ControlClient) throws {
        guard surroundings.isTerminal, !isJSON else {
            throw UsageError("top is for a terminal; stats, queues and workers print once")
        }
        var now = surroundings.now
        var former: (totals: ControlTotals, time: Int64)?
        while true {
            let stats = try client.call(GetStats.self)
            let workers = try client.call(GetWorkers.self).workers
            let page =
                Self.clear + TopReport.rates(stats.totals, at: now, former, palette)
                + StatsReport.text(stats, now: now, palette) + "\n"
                + QueuesReport.text(workers, now: now, palette)
            try write(Array(page.utf8))
            former = (stats.totals, now)
            guard let next = surroundings.nextLook() else { return }
            now = next
        }
    }

    /// To the upper left corner, and everything from there on is gone.
    private static let clear = "\u{1B}[H\u{1B}[J"
}
