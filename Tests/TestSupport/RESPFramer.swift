/// Cuts a stream in Redis's protocol into whole messages, requests as well as answers.
package struct RESPFramer {
    private var bytes: [UInt8] = []

    package init() {}

    package mutating func append(_ more: some Collection<UInt8>) { bytes += more }

    /// The next message; `nil`: it is not all here yet.
    package mutating func next() -> [UInt8]? {
        guard let end = Self.end(of: bytes, from: 0) else { return nil }
        defer { bytes.removeFirst(end) }
        return Array(bytes[..<end])
    }

    /// The first `limit` words of a request, or the one of an answer that is a string.
    package static func words(of message: [UInt8], limit: Int) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var position = 0
        while words.count < limit, let (mark, count, start) = head(of: message, at: position) {
            position = start
            guard mark == UInt8(ascii: "$"), count >= 0 else { continue }
            words.append(Array(message[start..<start + count]))
            position = start + count + 2
        }
        return words
    }

    /// Where the message that begins at `start` ends; `nil`: further on than there are bytes.
    private static func end(of bytes: [UInt8], from start: Int) -> Int? {
        guard let (mark, count, next) = head(of: bytes, at: start) else { return nil }
        var position = next
        if mark == UInt8(ascii: "$"), count >= 0 {
            position += count + 2
        } else if mark == UInt8(ascii: "*"), count > 0 {
            for _ in 0..<count {
                guard let end = end(of: bytes, from: position) else { return nil }
                position = end
            }
        }
        return position <= bytes.count ? position : nil
    }

    /// The first line of what begins at `start`: its mark, its number (0 where it has none), and
    /// where the next line begins.
    private static func head(
        of bytes: [UInt8], at start: Int
    ) -> (mark: UInt8, count: Int, next: Int)? {
        guard start < bytes.count, let end = bytes[start...].firstIndex(of: 13),
            end + 1 < bytes.count
        else { return nil }
        let number = Int(String(decoding: bytes[start + 1..<end], as: UTF8.self)) ?? 0
        return (bytes[start], number, end + 2)
    }
}
