import Foundation
import FuzzTargets

/// Where libFuzzer finds a target's seeds and tokens, and leaves the inputs that led somewhere new.
struct Place {
    let corpus: String
    let dictionary: String

    init(of target: any FuzzTarget.Type, named name: String) throws {
        corpus = ".build/fuzz/corpus/\(name)"
        dictionary = ".build/fuzz/corpus/\(name).dictionary"
        try FileManager.default.createDirectory(
            atPath: corpus, withIntermediateDirectories: true)
        for (number, seed) in target.seeds.enumerated() {
            try Data(seed).write(to: URL(fileURLWithPath: "\(corpus)/seed-\(number)"))
        }
        let lines = target.tokens.map { "\"\($0.map(Self.escaped).joined())\"\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: dictionary))
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
}
