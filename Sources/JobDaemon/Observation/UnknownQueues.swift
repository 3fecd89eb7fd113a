import JobQueue
import RedisBroker

/// Looks once a minute whether jobs were pushed where no daemon looks, and says so: such a list is in no
/// count and in no metric.
struct UnknownQueues: Sendable {
    /// Where the lists are looked for.
    protocol Source: Sendable {
        func knownQueues() async throws -> [QueueName]
        func unknownLists(
            from cursor: String, known queues: Set<QueueName>
        ) async throws -> (names: [String], next: String)
    }

    let source: any Source
    let namespace: String
    let clock: any JobClock
    let log: any LogSink

    /// Runs until the task is cancelled, or until it is refused the look.
    func run() async {
        var told: Set<String> = []
        var cursor = "0"
        while !Task.isCancelled {
            // Cancellation ends the wait.
            guard (try? await clock.sleep(for: Self.pause)) != nil else { return }
            do {
                let known = Set(try await source.knownQueues())
                // A large keyspace takes several minutes, and costs no more in each.
                for _ in 0..<Self.steps {
                    let (names, next) = try await source.unknownLists(from: cursor, known: known)
                    for name in names where told.count < Self.most && told.insert(name).inserted {
                        log.write(LogRecord(level: .warning, message: line(about: name)))
                    }
                    cursor = next
                    if cursor == "0" { break }
                }
            } catch BrokerError.refused(let reason) {
                log.write(
                    LogRecord(
                        level: .info,
                        message: "lists of misspelt queues are not looked for: \(reason)"))
                return
            } catch {
                // Whoever watches the connection tells of its loss; the next minute is as good.
                cursor = "0"
            }
        }
    }

    private func line(about list: String) -> String {
        let name = list.dropFirst(namespace.count + 1).dropLast(":pending".count)
        if name.hasPrefix("{"), name.hasSuffix("}") {
            return
                "jobs lie in \(LogText.line(list)), the list of a queue that no daemon works on: is its "
                + "name right? Queues= names those that a daemon works on"
        }
        return
            "jobs lie in \(LogText.line(list)), where no daemon looks: the name of a queue stands in "
            + "braces, as in \(namespace):{default}:pending"
    }

    private static let pause = Duration.seconds(60)
    /// Of a thousand keys each.
    private static let steps = 10
    /// So many names are told; a producer that makes up names fills no log.
    private static let most = 100
}

extension RedisBroker: UnknownQueues.Source {}
