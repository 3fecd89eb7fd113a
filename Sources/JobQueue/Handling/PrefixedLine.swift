/// A line that a process wrote to standard error, with the level that sd-daemon(3) has it begin with.
package struct PrefixedLine: Sendable, Equatable {
    package let level: LogLevel
    /// The line without its level; what belongs into no line is escaped.
    package let text: String

    /// Takes a line apart: `<3>text`. What begins with no level is info; what is graver than an error
    /// is an error.
    package init(_ line: some Collection<UInt8>) {
        let head = Array(line.prefix(3))
        guard head.count == 3, head[0] == UInt8(ascii: "<"), head[2] == UInt8(ascii: ">"),
            (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(head[1])
        else {
            level = .info
            text = LogText.line(of: line)
            return
        }
        level = LogLevel(rawValue: Int(head[1] - UInt8(ascii: "0"))) ?? .error
        text = LogText.line(of: line.dropFirst(3))
    }
}
