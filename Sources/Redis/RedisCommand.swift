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
        for words in rest { bytes.append(contentsOf: words.bytes) }
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
}

/// Words of a command that are made before it is known what else will be in it.
package struct RedisWords: Sendable {
    /// As they stand in the command.
    package private(set) var bytes: [UInt8] = []
    package private(set) var count = 0

    package init() {}

    package mutating func append(_ word: [UInt8]) {
        if bytes.isEmpty { bytes.reserveCapacity(word.count + 16) }
        word.withUnsafeBufferPointer { bytes.append(word: $0) }
        count += 1
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
        if count < 10 {
            append(UInt8(ascii: "0") + UInt8(count))
        } else {
            append(contentsOf: String(count).utf8)
        }
        appendLineEnd()
    }

    private mutating func appendLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }
}
