import JobQueue
import Redis

/// Lists that look like a queue's and are none that anybody knows: a producer has misspelt a name, or
/// forgotten the braces, and what it pushes lies there for ever.
extension RedisBroker {
    /// Looks at the names of some of Redis's keys, a thousand or so.
    ///
    /// - Parameter cursor: `next` of the look before; "0": the first.
    /// - Returns: the names that were met, and where to go on; "0": all were seen.
    package func unknownLists(
        from cursor: String, known queues: Set<QueueName>
    ) async throws -> (names: [String], next: String) {
        let suffix = ":pending"
        let scan = RedisCommand(
            "SCAN", cursor, "MATCH", "\(keys.namespace):*\(suffix)", "COUNT", "1000", "TYPE",
            "list")
        let reply = try await askOne(.command(scan)).array()
        guard reply.count == 2 else { return ([], "0") }
        var names: [String] = []
        for element in try reply[1].array() {
            // What is no text is no name that somebody meant.
            guard let name = try? element.text(), !isPending(name, of: queues) else { continue }
            names.append(name)
        }
        return (names, try reply[0].text())
    }

    private func isPending(_ key: String, of queues: Set<QueueName>) -> Bool {
        let prefix = "\(keys.namespace):{"
        let suffix = "}:pending"
        guard key.hasPrefix(prefix), key.hasSuffix(suffix),
            let queue = QueueName(String(key.dropFirst(prefix.count).dropLast(suffix.count)))
        else { return false }
        return queues.contains(queue)
    }
}
