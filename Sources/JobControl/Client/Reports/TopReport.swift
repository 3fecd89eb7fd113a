/// The first line of `top`.
package enum TopReport {
    /// How many jobs a second ended since the look before.
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
