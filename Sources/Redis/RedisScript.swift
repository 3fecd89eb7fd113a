/// A Lua script, sent by its digest and, where Redis does not have it (after a restart, a failover or
/// SCRIPT FLUSH), with its text.
package struct RedisScript: Sendable, Hashable {
    package let name: String
    package let source: [UInt8]

    package init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
    }

    package static func == (left: RedisScript, right: RedisScript) -> Bool {
        left.name == right.name
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The keys and arguments of one call of a script.
package struct ScriptCall: Sendable {
    package let script: RedisScript
    private var keyCount = 0
    private var words: [Word] = []

    private enum Word {
        case text(String)
        case bytes([UInt8])
    }

    package init(_ script: RedisScript, keys: [String], arguments: [String] = []) {
        self.script = script
        keyCount = keys.count
        words = keys.map(Word.text) + arguments.map(Word.text)
    }

    package mutating func append(_ argument: String) { words.append(.text(argument)) }
    package mutating func append(_ argument: [UInt8]) { words.append(.bytes(argument)) }
    package mutating func append(_ argument: some FixedWidthInteger) {
        words.append(.text(String(argument)))
    }

    /// `EVALSHA digest …` or, without a digest, `EVAL source …`.
    func command(digest: [UInt8]?) -> RedisCommand {
        var command = RedisCommand(wordCount: 3 + words.count, capacity: 256)
        command.append(digest == nil ? "EVAL" : "EVALSHA")
        command.append(digest ?? script.source)
        command.append(keyCount)
        for word in words {
            switch word {
            case .text(let text): command.append(text)
            case .bytes(let bytes): command.append(bytes)
            }
        }
        return command
    }
}

/// Something to ask of Redis.
package enum RedisRequest: Sendable {
    case command(RedisCommand)
    case script(ScriptCall)
}
