extension String {
    /// The text, or as much of its beginning as has at most `limit` bytes with an ellipsis behind it.
    package func clipped(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let ellipsis = "…"
        var end = utf8.index(startIndex, offsetBy: max(0, limit - ellipsis.utf8.count))
        // Back to the beginning of a scalar.
        while end > startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end]) + ellipsis
    }
}
