/// Answers in Redis's protocol whose shape is right and whose content is not: each byte of an input
/// chooses one, so that a change of a byte is a change of what is answered.
struct ShapedAnswer {
    /// The first byte of an answer that is meant so.
    static let mark = UInt8(ascii: "~")

    private var choices: ArraySlice<UInt8>
    private var output: [UInt8] = []

    /// - Parameter choices: what follows the mark.
    static func bytes(by choices: ArraySlice<UInt8>) -> [UInt8] {
        var answer = ShapedAnswer(choices: choices)
        answer.appendValue(depth: 0)
        return answer.output
    }

    private init(choices: ArraySlice<UInt8>) { self.choices = choices }

    /// A letter for each kind of value, and by the next byte what it is; a list has its elements behind
    /// its length.
    private mutating func appendValue(depth: Int) {
        switch next() {
        case UInt8(ascii: "["):
            let count = depth < 4 ? Int(next() % 10) : 0
            append("*\(count)\r\n")
            for _ in 0..<count { appendValue(depth: depth + 1) }
        case UInt8(ascii: ":"): append(":\(pick(Self.numbers))\r\n")
        case UInt8(ascii: "#"): append(string: "\(pick(Self.numbers))")
        case UInt8(ascii: "-"): append("-\(pick(Self.errors)) said no\r\n")
        case UInt8(ascii: "+"): append("+\(pick(Self.texts))\r\n")
        case UInt8(ascii: "!"): append(pick(["$-1\r\n", "*-1\r\n"]))
        case let byte where byte.isMultiple(of: 2): append(":\(byte & 3)\r\n")
        default: append(string: pick(Self.texts))
        }
    }

    private mutating func append(string: String) {
        append("$\(string.utf8.count)\r\n\(string)\r\n")
    }

    private mutating func append(_ text: String) { output += text.utf8 }

    private mutating func pick<Choice>(_ all: [Choice]) -> Choice { all[Int(next()) % all.count] }

    private mutating func next() -> UInt8 { choices.popFirst() ?? 0 }

    private static let numbers: [Int64] = [
        0, 1, -1, 2, 3, 6, 99, 500, 501, 1 << 31, 1 << 53, .max, .max - 1, .min, .min + 1,
        253_402_300_800_000,
    ]
    private static let texts = [
        "j", "mail", "epoch", "nan", "-inf", "1e308", "", " ", "18446744073709551615", "0.5",
        #"{"type":"a"}"#, #"{"type":"a","id":"j"}"#, #"{"id":"j","type":"a","unique_key":"k"}"#,
        #"{"type":"a","lost":99999999999999999999,"attempts":-1,"enqueued_at":1e5}"#,
        #"{"id":"j","raw":"AAEC","last_error":"no type","failed_at":-9223372036854775808}"#,
        "host", "pid", "concurrency", "started_at", "version", "00000000000100000002", "{",
    ]
    private static let errors = [
        "ERR", "LEASELOST", "OOM", "NOSCRIPT", "READONLY", "WRONGTYPE", "BUSY", "MOVED", "NOAUTH",
        "LOADING", "MISCONF", "UNBLOCKED", "NOPERM", "",
    ]
}
