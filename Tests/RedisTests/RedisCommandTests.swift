import Redis
import Testing

@Suite("Commands on the wire")
struct RedisCommandTests {
    private func text(_ command: RedisCommand) -> String {
        String(decoding: command.bytes, as: UTF8.self)
    }

    @Test("each word is sent with its length in bytes")
    func words() {
        #expect(text(RedisCommand("PING")) == "*1\r\n$4\r\nPING\r\n")
        #expect(
            text(RedisCommand("SET", "ä", "")) == "*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$0\r\n\r\n")
    }

    @Test("bytes go as they are, line ends and NUL too")
    func bytes() {
        var command = RedisCommand(wordCount: 2)
        command.append("ECHO")
        command.append([13, 10, 0, 255] as [UInt8])
        #expect(
            command.bytes == Array("*2\r\n$4\r\nECHO\r\n$4\r\n".utf8) + [13, 10, 0, 255, 13, 10])
    }

    @Test("numbers go as decimal text", arguments: [0, 9, 10, -7, Int64.min, Int64.max])
    func numbers(number: Int64) {
        var command = RedisCommand(wordCount: 1)
        command.append(number)
        #expect(text(command) == "*1\r\n$\("\(number)".utf8.count)\r\n\(number)\r\n")
    }

    @Test(
        "words made before are sent as if they were made now",
        arguments: [0, 9, 10, 12345, -7, Int64.min, Int64.max])
    func wordsBefore(number: Int64) {
        var words = RedisWords(expecting: 0)
        words.append("ä")
        words.append(number)
        words.append([13, 10] as [UInt8])
        var command = RedisCommand(wordCount: 3)
        command.append(words)
        var expected = RedisCommand(wordCount: 3)
        expected.append("ä")
        expected.append(number)
        expected.append([13, 10] as [UInt8])
        #expect(words.count == 3)
        #expect(command.bytes == expected.bytes)
    }

    @Test("counts and lengths of any size are written whole", arguments: [9, 10, 99, 100, 12345])
    func counts(count: Int) {
        let command = RedisCommand(words: Array(repeating: "x", count: count))
        #expect(text(command) == "*\(count)\r\n" + String(repeating: "$1\r\nx\r\n", count: count))
        var long = RedisCommand(wordCount: 1)
        long.append(Array(repeating: UInt8(ascii: "y"), count: count))
        #expect(
            text(long) == "*1\r\n$\(count)\r\n" + String(repeating: "y", count: count) + "\r\n")
    }
}
