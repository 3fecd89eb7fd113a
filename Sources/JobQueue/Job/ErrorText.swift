/// The text of a failure as it is kept with a job.
package enum ErrorText {
    /// The most that is kept, in bytes of UTF-8.
    package static let limit = 4096

    /// `text`, or as much of its beginning as fits with an ellipsis behind it.
    package static func clipped(_ text: String) -> String {
        guard text.utf8.count > limit else { return text }
        let ellipsis = "…"
        let bytes = text.utf8
        var end = bytes.index(bytes.startIndex, offsetBy: limit - ellipsis.utf8.count)
        // Back to the beginning of a scalar; a whole grapheme may be longer than the limit.
        while bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
        return String(text[..<end]) + ellipsis
    }
}
