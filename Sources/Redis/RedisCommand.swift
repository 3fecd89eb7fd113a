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
        let word = NumberWord(magnitude)
        begin(word.digits)
        word.append(to: &bytes)
    }

    /// The next word has so many bytes.
    private mutating func begin(_ size: Int) {
        // The others are mostly as large as the first.
        if count == 0 { bytes.reserveCapacity(min((size + 16) * expected, Self.mostReserved)) }
        count += 1
    }
}

/// A word that is a number, not negative, as it stands in a command: written from its end, in place.
private struct NumberWord {
    private var text = InlineArray<32, UInt8>(repeating: 0)
    private var first = 32
    /// How many digits the number has.
    private(set) var digits = 0

    init(_ number: Int) {
        prependLineEnd()
        digits = prepend(number)
        prependLineEnd()
        _ = prepend(digits)
        prepend(UInt8(ascii: "$"))
    }

    func append(to bytes: inout [UInt8]) {
        text.span.extracting(first...).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// - Returns: The number of digits.
    private mutating func prepend(_ number: Int) -> Int {
        let end = first
        var rest = number
        repeat {
            prepend(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        return end - first
    }

    private mutating func prependLineEnd() {
        prepend(UInt8(ascii: "\n"))
        prepend(UInt8(ascii: "\r"))
    }

    private mutating func prepend(_ byte: UInt8) {
        first -= 1
        text[first] = byte
    }
}

extension [UInt8] {
    fileprivate mutating func append(word: UnsafeBufferPointer<UInt8>) {
        append(header: UInt8(ascii: "$"), word.count)
        append(contentsOf: word)
        appendLineEnd()
    }

    fileprivate mutating func append(header mark: UInt8, _ count: Int) {
        append(mark)
        append(digitsOf: count)
        appendLineEnd()
    }

    /// Appends a number that is not negative.
    private mutating func append(digitsOf number: Int) {
        if number >= 10 { append(digitsOf: number / 10) }
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private mutating func appendLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }
}
