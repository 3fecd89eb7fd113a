/// The one line of a failed command's reason that matters most, for tables.
///
/// A reason is how the command ended, a colon, and lines of its standard error with ` | ` between. What
/// went wrong stands in the last line that is not indented: below the frames in Python, above them
/// elsewhere.
enum FailureSummary {
    /// That line first, then how the command ended in brackets; a reason of one line as it is.
    static func text(of reason: String) -> String {
        var lines = split(reason)
        if lines.count == 1, reason.hasPrefix("Traceback") {
            // What a program says of itself has the line breaks that Python gave it.
            lines = reason.split(whereSeparator: \.isNewline).map(String.init)
        }
        guard lines.count > 1 else { return reason }
        let (end, first) = ending(of: lines.removeFirst())
        lines.insert(first, at: 0)
        let telling = lines.filter { !isFrame($0) }
        guard let cause = telling.last ?? lines.last else { return reason }
        return end.isEmpty ? cause : "\(cause) (\(end))"
    }

    private static let separator: [Character] = [" ", "|", " "]

    private static func split(_ reason: String) -> [String] {
        var lines: [String] = []
        var line: [Character] = []
        for character in reason {
            line.append(character)
            guard line.suffix(separator.count).elementsEqual(separator) else { continue }
            lines.append(String(line.dropLast(separator.count)))
            line = []
        }
        lines.append(String(line))
        return lines
    }

    /// `exit 1: Traceback …` as `exit 1` and the rest.
    private static func ending(of line: String) -> (end: String, first: String) {
        for beginning in ["exit ", "killed by ", "timed out after ", "exited with status "]
        where line.hasPrefix(beginning) {
            var parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return ("", line) }
            let first = parts.removeLast()
            return (String(parts[0]), String(first.hasPrefix(" ") ? first.dropFirst() : first))
        }
        return ("", line)
    }

    /// An indented line, what stands for lines that are left out, and what Node.js says last.
    private static func isFrame(_ line: String) -> Bool {
        guard let first = line.first else { return true }
        return first.isWhitespace || line.hasPrefix("\\t") || line == "…"
            || line.hasPrefix("Node.js v")
    }
}
