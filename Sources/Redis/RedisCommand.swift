/// One command in Redis's wire format (RESP2: an array of bulk strings), ready to be sent.
package struct RedisCommand: Sendable {
    /// The bytes for the wire.
    package private(set) var bytes: [UInt8]

    /// Begins a command that will have exactly `count` words, the name among them.
    package init(wordCount count: Int, capacity: Int = 128) {
        bytes = []
        bytes.reserveCapacity(capacity)
        appendHeader(UInt8(ascii: "*"), count)
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
        word.withUTF8 { append($0) }
    }

    package mutating func append(_ number: some FixedWidthInteger) {
        append(String(number))
    }

    package mutating func append(_ word: some Collection<UInt8>) {
        appendHeader(UInt8(ascii: "$"), word.count)
        bytes.append(contentsOf: word)
        appendLineEnd()
    }

    private mutating func appendHeader(_ mark: UInt8, _ count: Int) {
        bytes.append(mark)
        if count < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(count))
        } else {
            bytes.append(contentsOf: String(count).utf8)
        }
        appendLineEnd()
    }

    private mutating func appendLineEnd() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }
}
