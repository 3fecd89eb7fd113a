import Foundation
import JobQueue
import TestSupport

/// Our reader of JSON against Foundation's, which was written by others.
enum JSONCheck {
    /// Both take the text or refuse it, but for the differences that `JSONOddities` knows.
    static func document(_ bytes: [UInt8]) throws {
        let oddities = JSONOddities(of: bytes)
        // Why it is refused does not matter here.
        let ours = try? JSONScanner.document(bytes.span)
        if oddities.mustBeRefused {
            guard ours == nil else { throw Finding("taken, though it must be refused") }
            return
        }
        let theirs = foundationValue(bytes)
        guard let ours else {
            if theirs != nil { throw Finding("refused, though JSON to Foundation") }
            return
        }
        if isReadDifferently(oddities) { return }
        guard theirs != nil else { throw Finding("taken, though no JSON to Foundation") }
        if let text = ours.string(in: bytes) {
            guard (theirs as? String).map({ Array($0.utf8) }) == Array(text.utf8) else {
                throw Finding("the string is \(text)")
            }
        }
        if let integer = Int64(String(decoding: bytes[ours.range], as: UTF8.self)) {
            guard ours.integer(in: bytes) == integer else {
                throw Finding("the number is not \(integer)")
            }
        }
    }

    /// Whether Foundation reads something else than what stands there, or nothing.
    static func isReadDifferently(_ bytes: [UInt8]) -> Bool {
        isReadDifferently(JSONOddities(of: bytes))
    }

    private static func isReadDifferently(_ oddities: JSONOddities) -> Bool {
        oddities.hasHugeNumber || oddities.hasMarkInside
    }

    static func foundationValue(_ bytes: [UInt8]) -> Any? {
        // Foundation's reasons do not matter here, only whether it has any.
        try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    /// Whether two of Foundation's values are the same; `nil` is the same as `null`.
    static func areEqual(_ left: Any?, _ right: Any?) -> Bool {
        NSArray(array: [left ?? NSNull()]) == NSArray(array: [right ?? NSNull()])
    }
}
