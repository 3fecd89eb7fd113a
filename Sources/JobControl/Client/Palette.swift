/// Colours on a terminal that wants them, and plain text elsewhere.
package struct Palette: Sendable, Equatable {
    package enum Style: Int, Sendable {
        case plain = 0
        case bold = 1
        case faint = 2
        case red = 31
        case yellow = 33
    }

    private let hasColours: Bool

    package init(hasColours: Bool) { self.hasColours = hasColours }

    /// Colours when the output is a terminal that has them, unless NO_COLOR is set.
    package init(isTerminal: Bool, environment: [String: String]) {
        let refused = !(environment["NO_COLOR"] ?? "").isEmpty
        self.init(hasColours: isTerminal && !refused && environment["TERM"] != "dumb")
    }

    /// `text`, which is harmless already.
    func paint(_ text: String, _ style: Style) -> String {
        guard hasColours, style != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}
