import Synchronization

/// The last lines that a command wrote to standard error, to be kept with the reason of a failure.
final class LastLines: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) {
        lines.withLock { lines in
            if lines.count == Self.limit { lines.removeFirst() }
            lines.append(line)
        }
    }

    /// One line, oldest first.
    var text: String { lines.withLock { $0.joined(separator: " | ") } }

    private static let limit = 5
}
