/// The text of a failure as it is kept with a job.
package enum ErrorText {
    /// The most that is kept, in bytes of UTF-8.
    package static let limit = 4096

    /// `text`, or as much of its beginning as fits with an ellipsis behind it.
    package static func clipped(_ text: String, to limit: Int = limit) -> String {
        guard text.utf8.count > limit else { return text }
        let ellipsis = "…"
        let end = text.utf8.index(text.startIndex, offsetBy: limit - ellipsis.utf8.count)
        // A slice goes back to the beginning of the scalar that the limit cuts through. Not of the
        // grapheme: one may be longer than the limit.
        return text[..<end] + ellipsis
    }
}
