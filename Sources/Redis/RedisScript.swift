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
    private let keyCount: Int
    private var words: RedisWords

    package init(_ script: RedisScript, keys: [String], arguments: [String] = []) {
        self.script = script
        keyCount = keys.count
        words = RedisWords(expecting: keys.count + arguments.count)
        for word in keys { words.append(word) }
        for word in arguments { words.append(word) }
    }

    package mutating func append(_ argument: String) { words.append(argument) }
    package mutating func append(_ argument: [UInt8]) { words.append(argument) }
    package mutating func append(_ argument: some FixedWidthInteger) { words.append(argument) }

    /// `EVALSHA digest …` or, without a digest, `EVAL source …`.
    func command(digest: [UInt8]?) -> RedisCommand {
        let text = digest ?? script.source
        var command = RedisCommand(
            wordCount: 3 + words.count, capacity: text.count + words.bytes.count + 64)
        command.append(digest == nil ? "EVAL" : "EVALSHA")
        command.append(text)
        command.append(keyCount)
        command.append(words)
        return command
    }
}

/// Something to ask of Redis.
package enum RedisRequest: Sendable {
    case command(RedisCommand)
    case script(ScriptCall)
}
