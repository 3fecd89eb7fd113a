/// The text of a failure as it is kept with a job.
package enum ErrorText {
    /// The most that is kept, in bytes of UTF-8.
    package static let limit = 4096

    /// `text`, or its beginning and its end with an ellipsis between, `limit` bytes at most: what went
    /// wrong stands in the first line or in the last.
    package static func clipped(_ text: String, to limit: Int = limit) -> String {
        guard text.utf8.count > limit else { return text }
        let ellipsis = "…"
        let room = max(0, limit - ellipsis.utf8.count)
        let head = text.utf8.index(text.startIndex, offsetBy: room - room / 2)
        var tail = text.utf8.index(text.endIndex, offsetBy: -(room / 2))
        // To the beginning of the next scalar, where the cut goes through one. A slice up to `head` goes
        // back to the beginning of its last one. Not of the grapheme: one may be longer than the limit.
        while tail < text.endIndex, text.utf8[tail] & 0xC0 == 0x80 {
            tail = text.utf8.index(after: tail)
        }
        return text[..<head] + ellipsis + text[tail...]
    }

    /// What an error says of itself, with the plain names of types: Swift tells of a private one by a
    /// number of its file.
    package static func of(_ error: any Error) -> String { plain(String(describing: error)) }

    /// `text` with `(Name in _0123456789ABCDEF)` and `(unknown context at $0123).Name` as `Name`.
    package static func plain(_ text: String) -> String {
        var plain = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "(") {
            plain += rest[..<open]
            rest = rest[open...].dropFirst()
            let inside = rest.prefix { $0 != "(" && $0 != ")" }
            let after = rest[inside.endIndex...]
            if after.first == ")", let name = privateName(inside) {
                plain += name
                rest = after.dropFirst()
            } else if after.hasPrefix(")."), inside.hasPrefix("unknown context at ") {
                rest = after.dropFirst(2)
            } else {
                plain += "("
            }
        }
        return plain + rest
    }

    /// The name in `Name in _0123456789ABCDEF`; `nil`: it is something else.
    private static func privateName(_ text: Substring) -> Substring? {
        guard text.utf8.count < 512 else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[1] == "in", words[2].hasPrefix("_"), words[2].count > 8,
            words[2].dropFirst().allSatisfy(\.isHexDigit)
        else { return nil }
        return words[0]
    }
}
