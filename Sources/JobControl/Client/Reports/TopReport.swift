import LinuxSystem

/// What `top` shows: one look at the daemon, as a page that fits the terminal.
package struct TopReport {
    private let stats: ControlStats
    private let workers: [ControlWorker]
    /// Unix milliseconds.
    private let time: Int64
    /// The totals of the look before, and when they held.
    private let former: (totals: ControlTotals, time: Int64)?

    package init(
        _ stats: ControlStats, _ workers: [ControlWorker], at time: Int64,
        former: (totals: ControlTotals, time: Int64)?
    ) {
        self.stats = stats
        self.workers = workers
        self.time = time
        self.former = former
    }

    /// Asks the daemon.
    init(_ client: inout ControlClient, at time: Int64, after look: TopReport?) throws {
        let stats = try client.call(GetStats.self)
        self.init(
            stats, try client.call(GetWorkers.self).workers, at: time,
            former: look.map { ($0.stats.totals, $0.time) })
    }

    /// The page, without a line break at its end: that would move a full screen up.
    ///
    /// - Parameter window: what it is cut to; `nil`: nothing is cut.
    package func page(in window: Terminal.Size?, _ palette: Palette) -> String {
        let head = Self.lines(Self.rates(stats.totals, at: time, former, palette))
        let queues = Self.lines(StatsReport.text(stats, now: time, palette))
        let workers = Self.lines(QueuesReport.text(workers, now: time, palette))
        guard let window else {
            return (head + queues + [""] + workers).joined(separator: "\n")
        }
        // The first line of each table stays, and what follows the rows of the queues.
        let rows = min(stats.queues.count, queues.count - 1)
        let fixed = head.count + (queues.count - rows) + 1 + 1
        let room = max(0, window.rows - fixed)
        let workerRows = min(workers.count - 1, max(room / 3, room - rows))
        let shown =
            head + queues.prefix(1)
            + Self.cut(queues[1..<(1 + rows)], to: room - workerRows)
            + queues[(1 + rows)...] + [""] + workers.prefix(1)
            + Self.cut(workers.dropFirst(), to: workerRows)
        return shown.prefix(window.rows)
            .map { TerminalText.cut($0, to: window.columns) }.joined(separator: "\n")
    }

    /// The first lines, and how many more there are.
    private static func cut(_ lines: ArraySlice<String>, to room: Int) -> [String] {
        guard lines.count > room else { return Array(lines) }
        guard room > 0 else { return [] }
        return lines.prefix(room - 1) + ["… \(lines.count - room + 1) more"]
    }

    /// The lines of a text that ends with a line break.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// The first line: how many jobs a second ended since the look before.
    ///
    /// - Parameters:
    ///   - time: when `totals` held, Unix milliseconds.
    ///   - former: the look before; `nil`: this is the first.
    package static func rates(
        _ totals: ControlTotals, at time: Int64, _ former: (totals: ControlTotals, time: Int64)?,
        _ palette: Palette
    ) -> String {
        let clock = palette.paint(Moment.text(milliseconds: time), .bold)
        guard let former, former.time < time else { return clock + "\n\n" }
        let seconds = Double(time - former.time) / 1000
        // The numbers come from the daemon, and a queue may be gone meanwhile.
        func rate(_ count: KeyPath<ControlTotals, Int>) -> String {
            let (more, overflow) = totals[keyPath: count].subtractingReportingOverflow(
                former.totals[keyPath: count])
            let rate = overflow || more < 0 ? 0 : (Double(more) / seconds).rounded()
            return ReadableNumber.text(Int(exactly: rate) ?? 0)
        }
        return "\(clock)  \(rate(\.done)) done, \(rate(\.retried)) retried, \(rate(\.dead)) dead "
            + "a second\n\n"
    }
}
