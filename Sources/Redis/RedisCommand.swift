/// One command in Redis's wire format (RESP2: an array of bulk strings), ready to be sent.
package struct RedisCommand: Sendable {
    /// The bytes for the wire.
    package private(set) var bytes: [UInt8]

    /// A command of these words, and then of those that were made before.
    package init(_ words: String..., followedBy rest: [RedisWords]) {
        self.init(
            wordCount: words.count + rest.reduce(0) { $0 + $1.count },
            capacity: rest.reduce(64 * words.count) { $0 + $1.bytes.count })
        for word in words { append(word) }
        for words in rest { append(words) }
    }

    /// Begins a command that will have exactly `count` words, the name among them.
    package init(wordCount count: Int, capacity: Int = 128) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(header: UInt8(ascii: "*"), count)
    }

    /// A command of words that are all text.
    package init(_ words: String...) {
        self.init(words: words)
    }

    package init(words: [String]) {
        self.init(wordCount: words.count)
        for word in words { append(word) }
    }

    package mutating func append(_ word: String) {
        var word = word
        word.withUTF8 { bytes.append(word: $0) }
    }

    package mutating func append(_ number: some FixedWidthInteger) {
        append(String(number))
    }

    package mutating func append(_ word: [UInt8]) {
        word.withUnsafeBufferPointer { bytes.append(word: $0) }
    }

    package mutating func append(_ words: RedisWords) { bytes.append(contentsOf: words.bytes) }
}

/// Words of a command that are made before it is known what else will be in it.
package struct RedisWords: Sendable {
    /// As they stand in the command.
    package private(set) var bytes: [UInt8] = []
    package private(set) var count = 0
    private let expected: Int

    private static let mostReserved = 1 << 20

    /// Words of which there will be some `expected`, all about as large.
    package init(expecting expected: Int = 1) { self.expected = expected }

    package mutating func append(_ word: [UInt8]) {
        begin(word.count)
        word.withUnsafeBufferPointer { bytes.append(word: $0) }
    }

    package mutating func append(_ word: String) {
        var word = word
        begin(word.utf8.count)
        word.withUTF8 { bytes.append(word: $0) }
    }

    package mutating func append(_ number: some FixedWidthInteger) {
        guard let magnitude = Int(exactly: number), magnitude >= 0 else {
            return append(String(number))
        }
        var word = ShortText()
        let digits = word.prepend(line: magnitude)
        word.prepend(header: UInt8(ascii: "$"), digits)
        begin(digits)
        word.append(to: &bytes)
    }

    /// The next word has so many bytes.
    private mutating func begin(_ size: Int) {
        // The others are mostly as large as the first.
        if count == 0 { bytes.reserveCapacity(min((size + 16) * expected, Self.mostReserved)) }
        count += 1
    }
}

extension [UInt8] {
    fileprivate mutating func append(word: UnsafeBufferPointer<UInt8>) {
        append(header: UInt8(ascii: "$"), word.count)
        append(contentsOf: word)
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }

    fileprivate mutating func append(header mark: UInt8, _ count: Int) {
        var header = ShortText()
        header.prepend(header: mark, count)
        header.append(to: &self)
    }
}

/// A number of the wire format, or what tells how much follows, written from its end in place. The longest is a
/// number's word: a mark, two digits, nineteen digits, and an end of line behind both.
private struct ShortText {
    private var bytes = InlineArray<32, UInt8>(repeating: 0)
    private var first = 32

    /// - Returns: The number of digits. `number` is not negative.
    @discardableResult
    mutating func prepend(line number: Int) -> Int {
        prepend(UInt8(ascii: "\n"))
        prepend(UInt8(ascii: "\r"))
        let end = first
        var rest = number
        repeat {
            prepend(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        return end - first
    }

    /// Tells how much follows.
    mutating func prepend(header mark: UInt8, _ count: Int) {
        prepend(line: count)
        prepend(mark)
    }

    private mutating func prepend(_ byte: UInt8) {
        first -= 1
        bytes[first] = byte
    }

    func append(to text: inout [UInt8]) {
        bytes.span.extracting(first...).withUnsafeBufferPointer { text.append(contentsOf: $0) }
    }
}
