/// What stands in a configuration file: `NAME=VALUE` under `[SECTION]`, as in systemd's own files.
///
/// A line that begins with `#` or `;` is a comment. Everything after the `=` is the value, without the
/// blanks at its ends; a backslash at the end of a line stands for a blank and joins the next line.
struct ConfigurationText: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let section: String
        let key: String
        let value: String
        /// Counted from 1; the first, where a value goes on over more of them.
        let line: Int
        /// That of the section's header.
        let sectionLine: Int
    }

    /// A line that is none of these.
    struct LineError: Sendable, Equatable {
        let line: Int
        let message: String
    }

    private(set) var entries: [Entry] = []
    private(set) var errors: [LineError] = []
    private var section: (name: String, line: Int)?

    init(parsing text: String) {
        let text = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
        var joined = ""
        var start = 0
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: Self.ends)
            .enumerated()
        {
            let line = line.trimmed
            if joined.isEmpty { start = index + 1 }
            // A comment may stand between joined lines.
            if line.first == "#" || line.first == ";" { continue }
            if line.last == "\\" {
                joined += line.dropLast() + " "
                continue
            }
            take((joined + line)[...].trimmed, start)
            joined = ""
        }
        if !joined.isEmpty {
            fail(start, "the last line ends with a backslash, and nothing follows it")
        }
    }

    static func == (one: ConfigurationText, other: ConfigurationText) -> Bool {
        one.entries == other.entries && one.errors == other.errors
    }

    private static func ends(_ character: Character) -> Bool {
        character == "\n" || character == "\r\n"
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    private mutating func take(_ line: Substring, _ number: Int) {
        if line.isEmpty { return }
        if line.first == "[" { return takeHeader(line, number) }
        guard let sign = line.firstIndex(of: "=") else {
            return fail(
                number,
                "'\(line.shortened)' has no =; allowed are [SECTION], NAME=VALUE and comments "
                    + "after a #")
        }
        let key = line[..<sign].trimmed
        guard !key.isEmpty, key.utf8.allSatisfy(Self.isKeyByte) else {
            return fail(
                number,
                "'\(key.shortened)' is no name; write NAME=VALUE, with a name of A-Z a-z 0-9")
        }
        guard let section else {
            return fail(number, "\(key.shortened)= stands before the first [SECTION]")
        }
        // What stands under a header that cannot be read belongs to nothing.
        if section.name.isEmpty { return }
        entries.append(
            Entry(
                section: section.name, key: String(key),
                value: String(line[line.index(after: sign)...].trimmed), line: number,
                sectionLine: section.line))
    }

    private mutating func takeHeader(_ line: Substring, _ number: Int) {
        let name = line.dropFirst().dropLast().trimmed
        let isGood = line.last == "]" && !name.isEmpty && !name.contains { $0 == "[" || $0 == "]" }
        if !isGood {
            fail(number, "'\(line.shortened)' is no header; write [SECTION] and nothing else")
        }
        section = (isGood ? String(name) : "", number)
    }

    private mutating func fail(_ line: Int, _ message: String) {
        errors.append(LineError(line: line, message: message))
    }
}

extension Substring {
    /// Without blanks at its ends.
    var trimmed: Substring {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    /// As much of it as a message needs. An address with a password may stand in it.
    fileprivate var shortened: String {
        if contains("@") { return "\(prefix { !$0.isWhitespace && $0 != ":" && $0 != "@" })…" }
        return count > 60 ? "\(prefix(60))…" : String(self)
    }
}
