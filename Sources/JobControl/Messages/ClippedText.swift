extension String {
    /// The text, or its beginning and its end with an ellipsis between, `limit` bytes at most: what went
    /// wrong stands in the first line of an error or in the last.
    package func clipped(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let ellipsis = "…"
        let room = max(0, limit - ellipsis.utf8.count)
        // In a few bytes nothing but the beginning says something.
        let end = limit < 64 ? 0 : room / 2
        var head = utf8.index(startIndex, offsetBy: room - end)
        var tail = utf8.index(endIndex, offsetBy: -end)
        // To the beginning of a scalar.
        while head > startIndex, utf8[head] & 0xC0 == 0x80 { head = utf8.index(before: head) }
        while tail < endIndex, utf8[tail] & 0xC0 == 0x80 { tail = utf8.index(after: tail) }
        return self[..<head] + ellipsis + self[tail...]
    }
}
