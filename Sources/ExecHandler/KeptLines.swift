import JobQueue

/// The few lines of what a command wrote to standard error that may say why it failed: the first two and
/// the last four, and of those between the last three that are not indented. What went wrong stands in the
/// last line of a Python traceback, in the first one of a stack trace of Java, Go or Ruby, and above the
/// indented frames in Node.js.
struct KeptLines {
    private var first: [String] = []
    private var between: [(number: Int, text: String)] = []
    private var last: [(number: Int, text: String)] = []
    private var count = 0

    mutating func add(_ text: String) {
        guard text.contains(where: { !$0.isWhitespace }) else { return }
        count += 1
        let line = ErrorText.clipped(text, to: Self.lineLimit)
        guard first.count >= Self.firstCount else { return first.append(line) }
        last.append((count, line))
        guard last.count > Self.lastCount else { return }
        let older = last.removeFirst()
        // A tab stands there escaped.
        guard older.text.first?.isWhitespace == false, !older.text.hasPrefix("\\t") else { return }
        between.append(older)
        if between.count > Self.betweenCount { between.removeFirst() }
    }

    /// As one line, oldest first, with an ellipsis where lines are left out; empty: there were none.
    var text: String {
        var limit = Self.lineLimit
        var text = joined(linesTo: limit)
        while text.utf8.count > Self.limit {
            limit /= 2
            text = joined(linesTo: limit)
        }
        return text
    }

    private func joined(linesTo limit: Int) -> String {
        var parts: [String] = []
        var number = 0
        for line in first.enumerated().map({ (number: $0 + 1, text: $1) }) + between + last {
            if line.number > number + 1 { parts.append("…") }
            parts.append(ErrorText.clipped(line.text, to: limit))
            number = line.number
        }
        return parts.joined(separator: Self.separator)
    }

    static let separator = " | "
    private static let firstCount = 2
    private static let betweenCount = 3
    private static let lastCount = 4
    /// Bytes of a line.
    private static let lineLimit = 512
    /// Bytes of all, so that there is room for how the command ended.
    private static let limit = ErrorText.limit - 512
}
