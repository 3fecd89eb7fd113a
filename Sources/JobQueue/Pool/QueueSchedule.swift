/// In which order a worker asks its queues: strictly as they are listed, or by weight.
package struct QueueSchedule: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package let queue: QueueName
        package let weight: Int

        package init(queue: QueueName, weight: Int) {
            self.queue = queue
            self.weight = weight
        }
    }

    package let entries: [Entry]
    /// Whether a queue with more weight only comes first more often, not always.
    package let isWeighted: Bool

    /// The queues of `names`, each before all that follow it.
    package init(strict names: [QueueName]) {
        entries = names.map { Entry(queue: $0, weight: 1) }
        isWeighted = false
    }

    /// Queues that come first in proportion to their weights (1 or more).
    package init(weighted entries: [Entry]) {
        self.entries = entries
        isWeighted = true
    }

    package var queues: [QueueName] { entries.map(\.queue) }

    /// Picks the queue to ask next.
    ///
    /// - Parameters:
    ///   - isReady: Whether the queue at an index may have jobs.
    ///   - share: A random number of 0..<1; used only by weight.
    /// - Returns: The index of an entry, `nil` when none is ready.
    package func pick(share: Double, where isReady: (Int) -> Bool) -> Int? {
        guard isWeighted else { return entries.indices.first(where: isReady) }
        let ready = entries.indices.filter(isReady)
        let total = ready.reduce(0.0) { $0 + Double(entries[$1].weight) }
        var rest = share * total
        for index in ready {
            rest -= Double(entries[index].weight)
            if rest < 0 { return index }
        }
        return ready.last
    }
}

/// Why a list of queues cannot be used.
package struct QueueScheduleError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

extension QueueSchedule {
    /// Reads `critical:6,default:3` (by weight, 1 where none is given) or `critical,default` (strictly
    /// in this order). Commas or spaces stand between.
    package init(parsing text: String) throws(QueueScheduleError) {
        var entries: [Entry] = []
        var isWeighted = false
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            let halves = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let queue = QueueName(halves[0]) else {
                throw QueueScheduleError(
                    description: "'\(halves[0])' is no name of a queue: use a-z, 0-9, _ . -, "
                        + "beginning with a letter or digit, 64 at most")
            }
            var weight = 1
            if halves.count == 2 {
                guard let number = Int(halves[1]), (1...1000).contains(number) else {
                    throw QueueScheduleError(
                        description: "the weight of queue \(queue) must be 1 to 1000")
                }
                weight = number
                isWeighted = true
            }
            guard !entries.contains(where: { $0.queue == queue }) else {
                throw QueueScheduleError(description: "queue \(queue) is named twice")
            }
            entries.append(Entry(queue: queue, weight: weight))
        }
        guard !entries.isEmpty else {
            throw QueueScheduleError(description: "name at least one queue")
        }
        if isWeighted {
            self.init(weighted: entries)
        } else {
            self.init(strict: entries.map(\.queue))
        }
    }
}
