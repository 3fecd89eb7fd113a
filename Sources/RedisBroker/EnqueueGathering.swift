import JobQueue
import Redis
import Synchronization

/// Where callers leave their plain jobs when the loop is busy with those of others. It takes all that
/// is there at once: a queue's jobs become one command, for which Redis and the loop work far less than
/// for one from each caller.
final class EnqueueGathering: Sendable {
    /// What became of a caller's jobs.
    enum Answer: Sendable {
        case enqueued
        case failed(RedisError)
        /// Nothing was sent: there is no connection, or Redis does not know the queue yet.
        case notTaken
    }

    /// One caller's jobs. A class, because it is handed on from the caller to its group.
    final class Offer: Sendable {
        let run: PlainRun
        let answer: CheckedContinuation<Answer, Never>

        init(run: PlainRun, answer: CheckedContinuation<Answer, Never>) {
            self.run = run
            self.answer = answer
        }
    }

    /// Offers for one queue, which leave in one command.
    struct Group: Sendable {
        let queue: QueueName
        private var offers: [Offer]
        private var jobs: Int
        private var bytes: Int

        fileprivate init(_ offer: Offer) {
            queue = offer.run.queue
            offers = [offer]
            jobs = offer.run.ids.count
            bytes = offer.run.bytes
        }

        /// - Returns: Whether there was room.
        fileprivate mutating func append(_ offer: Offer) -> Bool {
            guard jobs + offer.run.ids.count <= Slice.count,
                bytes + offer.run.bytes <= Slice.bytes
            else { return false }
            offers.append(offer)
            jobs += offer.run.ids.count
            bytes += offer.run.bytes
            return true
        }

        func command(keys: Keys) -> RedisCommand {
            PlainRun.command(of: offers.map(\.run), in: queue, keys: keys)
        }

        func answer(_ answer: Answer) {
            for offer in offers { offer.answer.resume(returning: answer) }
        }
    }

    private let offers = Mutex<[Offer]>([])

    /// - Returns: Whether it is the first: then the caller must have all be taken.
    func add(_ offer: Offer) -> Bool {
        offers.withLock { offers in
            offers.append(offer)
            return offers.count == 1
        }
    }

    /// Takes what is there, in the order in which it came to each queue.
    func take() -> [Group] {
        let taken = offers.withLock { offers in
            defer { offers = [] }
            return offers
        }
        var groups: [Group] = []
        for offer in taken {
            // The queue's latest group, because its jobs stay in order.
            let latest = groups.lastIndex { $0.queue == offer.run.queue }
            if let latest, groups[latest].append(offer) { continue }
            groups.append(Group(offer))
        }
        return groups
    }
}
