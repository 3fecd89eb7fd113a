/// Writes random JSON documents, and damages them.
struct RandomJSON {
    private var random: SeededGenerator
    private let deepest: Int
    private var output: [UInt8] = []

    /// Documents nest up to `deepest`; beyond 64 they are not valid any more.
    init(seed: UInt64, deepest: Int = 67) {
        random = SeededGenerator(seed: seed)
        self.deepest = deepest
    }

    /// A document: any value, with white space wherever it may be.
    mutating func document() -> [UInt8] {
        output.removeAll(keepingCapacity: true)
        space()
        // Now and then around the depth that is allowed.
        if random.once(in: 40) { nest(deepest - random.below(8)) } else { value(depth: 0) }
        space()
        return output
    }

    /// An envelope of unknown fields and these, in any order.
    mutating func envelope(_ fields: [(name: String, value: [UInt8])]) -> [UInt8] {
        var members = fields.map { (name: "\"\($0.name)\"", value: $0.value) }
        for number in 0..<random.below(4) {
            members.append((name: "\"unknown \(number)\"", value: document()))
        }
        members.shuffle(using: &random)
        output.removeAll(keepingCapacity: true)
        space()
        append("{")
        for (position, member) in members.enumerated() {
            if position > 0 { append(",") }
            space()
            append(member.name)
            space()
            append(":")
            space()
            output += member.value
            space()
        }
        if members.isEmpty { space() }
        append("}")
        space()
        return output
    }

    /// `document` after one to three random accidents.
    mutating func damaged(_ document: [UInt8]) -> [UInt8] {
        var bytes = document
        for _ in 0...random.below(3) where !bytes.isEmpty {
            let position = random.below(bytes.count)
            switch random.below(7) {
            case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes[position] = random.pick(Self.structure)
            case 2: bytes.remove(at: position)
            case 3: bytes.insert(contentsOf: Array(random.pick(Self.oddities)), at: position)
            case 4: bytes.removeLast(random.below(bytes.count))
            case 5:
                let end = min(bytes.count, position + 1 + random.below(8))
                bytes.insert(
                    contentsOf: Array(bytes[position..<end]), at: random.below(bytes.count))
            default: bytes.swapAt(position, random.below(bytes.count))
            }
        }
        return bytes
    }

    private static let structure = Array("{}[]\",:\\ -+.0123eEtfnu/\n".utf8)
    private static let oddities: [[UInt8]] = [
        [0], [0xEF, 0xBB, 0xBF], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80],
        [0xF4, 0x90, 0x80, 0x80],
        [0x80], [0x7F], [0x1F], [0xE2, 0x82], Array(#"\ud800"#.utf8), Array(#"\udc00"#.utf8),
        Array(#"\ud83d\ude00"#.utf8), Array(#"\u12"#.utf8), Array("1e400".utf8), Array("-0".utf8),
        Array("0123".utf8), Array("//".utf8), Array("NaN".utf8), Array("[[[[[[[[".utf8),
        Array("'".utf8), Array("nul".utf8), Array(#","a":1"#.utf8), Array(",".utf8),
    ]

    private static let numbers = [
        "0", "-0", "1", "-1", "42", "1.5", "-0.25", "1e3", "1E+2", "2e-3", "9007199254740993",
        "0.1", "123456789012", "-9223372036854775808", "1.0",
    ]
    private static let characters = [
        "a", "b", "Z", "0", " ", "/", "\u{7F}", "é", "ß", "€", "漢", "😀", "\u{FEFF}", "\u{2028}",
        #"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#, #"\u0041"#, #"\u00e9"#,
        #"\uD83D\uDE00"#, #"\u0000"#, #"\uFFFF"#,
    ]

    private mutating func value(depth: Int) {
        switch random.below(depth < 5 ? 8 : 6) {
        case 0: append(random.pick(["true", "false", "null"]))
        case 1, 2: append(random.pick(Self.numbers))
        case 3: append(String(Int64(bitPattern: random.next()) >> Int64(random.below(60) + 4)))
        case 4, 5: string()
        case 6:
            append("[")
            list { $0.value(depth: depth + 1) }
            append("]")
        default:
            append("{")
            var number = 0
            list {
                // A number in each name: which of two equal names counts is each reader's own affair.
                number += 1
                $0.append("\"\(number)\($0.random.pick(Self.characters))\"")
                $0.space()
                $0.append(":")
                $0.space()
                $0.value(depth: depth + 1)
            }
            append("}")
        }
    }

    private mutating func list(_ element: (inout RandomJSON) -> Void) {
        space()
        for position in 0..<random.below(4) {
            if position > 0 { append(",") }
            space()
            element(&self)
            space()
        }
    }

    private mutating func nest(_ depth: Int) {
        for _ in 0..<depth { append("[") }
        for _ in 0..<depth { append("]") }
    }

    private mutating func string() {
        append("\"")
        for _ in 0..<random.below(8) { append(random.pick(Self.characters)) }
        append("\"")
    }

    private mutating func space() {
        guard random.once(in: 4) else { return }
        append(random.pick([" ", "\n", "\t", "\r\n", "  "]))
    }

    private mutating func append(_ text: String) { output += text.utf8 }
}
