import JobQueue
import Redis

/// A batch of outcomes on its way: cut into scripts by worker, queue and size, and put together again
/// as the answers come.
struct FinishPlan {
    /// Outcomes that one script writes: their places in the batch.
    struct Slice {
        let worker: WorkerID
        let queue: QueueName
        /// Plain acks first, then the rest.
        fileprivate(set) var acks: [Int] = []
        fileprivate(set) var others: [Int] = []
        fileprivate var bytes = 0
        fileprivate var isReplay = false
        /// How often the connection was lost that these were sent on.
        fileprivate var losses = 0
        /// The token that was claimed before the others.
        fileprivate var firstToken = UInt64.max
    }

    private var batch: [Finish]
    /// The places in the batch that are not settled, in order.
    private var open: [Int]
    /// For each element of the batch what became of it, as far as it is settled.
    private(set) var results: [FinishResult]
    /// How often the connection was lost that an outcome was sent on, by its place. Mostly none is in here.
    private var losses: [Int: Int] = [:]

    init(_ batch: [Finish]) {
        self.batch = batch
        open = Array(batch.indices)
        results = Array(repeating: .refused, count: batch.count)
    }

    var isDone: Bool { open.isEmpty }

    /// What is to be written next, cut into slices. They are written in this order. What goes to the head
    /// of a line comes last, the latest claim first, so that the earliest is at the head.
    ///
    /// Where a connection was lost, it may be that Redis does not take what was sent on it. Then the slices
    /// shrink down to one outcome, which goes when all others were written.
    func nextSlices() -> [Slice] {
        var slices: [Slice] = []
        let least = losses.isEmpty ? 0 : open.lazy.map { losses[$0] ?? 0 }.min() ?? 0
        for place in inOrder {
            if !losses.isEmpty, losses[place] ?? 0 > least { continue }
            let finish = batch[place]
            let size = finish.size
            // The last of this worker and queue is the one with room; there are few of both.
            if let number = Slice.last(of: slices, taking: finish.token),
                slices.span[number].hasRoom(for: size)
            {
                slices[number].append(finish, at: place, size: size)
            } else {
                var slice = Slice(worker: finish.token.worker, queue: finish.token.queue)
                slice.losses = least
                slice.append(finish, at: place, size: size)
                slices.append(slice)
            }
            if least >= Self.lossesOfLone { break }
        }
        return slices
    }

    /// An outcome that was lost so often goes alone.
    private static let lossesOfLone = 2
    /// One that was lost so often, and is large, is written without sending its record.
    private static let lossesOfUnsendable = 3
    /// No Redis refuses a word of this size; the least `proto-max-bulk-len` that can be set is 1 MiB.
    static let sendable = 512 << 10

    /// Redis does not take what would be sent of it.
    private func isUnsendable(_ place: Int) -> Bool {
        !losses.isEmpty && losses[place] ?? 0 >= Self.lossesOfUnsendable
            && batch[place].size > Self.sendable
    }

    private var inOrder: [Int] {
        guard open.contains(where: { batch[$0].outcome.goesToHead }) else { return open }
        return open.filter { !batch[$0].outcome.goesToHead }
            + open.filter { batch[$0].outcome.goesToHead }.sorted(by: isClaimedLater)
    }

    private func isClaimedLater(_ left: Int, _ right: Int) -> Bool {
        batch[left].token.number > batch[right].token.number
    }

    /// The answer to a slice: the positions (from 1) that were refused.
    mutating func settle(_ slice: Slice, refused: [Int64]) {
        for place in slice.places {
            results[place] = isUnsendable(place) ? .leftAsItLay(bytes: batch[place].size) : .written
        }
        for position in refused {
            // A position that there is not is nobody's.
            guard let place = slice.place(at: position) else { continue }
            results[place] = .refused
        }
        close(slice)
    }

    /// Redis refused the slice: every token of it still stands. What was to be stored may be stored.
    mutating func fail(_ slice: Slice, _ error: BrokerError) {
        for place in slice.places { results[place] = .failed(error) }
        close(slice)
    }

    private mutating func close(_ slice: Slice) {
        if slice.places.count == open.count {
            open = []
        } else {
            let settled = Set(slice.places)
            open.removeAll { settled.contains($0) }
        }
    }

    /// No answer came: what is sent again may have been written.
    ///
    /// - Parameter wasSent: The connection was lost, and what was sent on it may be the reason.
    mutating func mayHaveBeenSent(_ slice: Slice, _ wasSent: Bool) {
        for place in slice.places {
            batch[place].isReplay = true
            if wasSent { losses[place, default: 0] += 1 }
        }
    }

    /// The numbers of its tokens.
    func tokens(of slice: Slice) -> [UInt64] { slice.places.map { batch[$0].token.number } }
}

extension FinishPlan.Slice {
    fileprivate var places: [Int] { acks + others }

    /// The place in the batch of the outcome at a position of the script, counted from 1.
    fileprivate func place(at position: Int64) -> Int? {
        guard position >= 1, position <= acks.count + others.count else { return nil }
        let index = Int(position) - 1
        return index < acks.count ? acks[index] : others[index - acks.count]
    }

    /// The last that takes a job of this worker and queue: looked at where it lies.
    fileprivate static func last(of slices: [Self], taking token: LeaseToken) -> Int? {
        let slices = slices.span
        for index in slices.indices.reversed() where slices[index].takes(token) { return index }
        return nil
    }

    fileprivate func takes(_ token: LeaseToken) -> Bool {
        worker == token.worker && queue == token.queue
    }

    fileprivate func hasRoom(for size: Int) -> Bool {
        acks.count + others.count < Slice.count >> (3 * losses)
            && bytes + size <= Slice.bytes >> (2 * losses)
    }

    fileprivate mutating func append(_ finish: Finish, at place: Int, size: Int) {
        if finish.isPlainAck { acks.append(place) } else { others.append(place) }
        bytes += size
        isReplay = isReplay || finish.isReplay
        firstToken = min(firstToken, finish.token.number)
    }
}

extension FinishPlan {
    /// A slice's script call. `present` is who the worker is now.
    func call(_ slice: Slice, keys: Keys, present: Identity) -> ScriptCall {
        let names = keys.of(slice.queue)
        let mustBeThere =
            !slice.isReplay && slice.worker == present.worker
            && slice.firstToken >= present.firstTokenOfEpoch
        let others = slice.others.map { isUnsendable($0) ? batch[$0].asItLies : batch[$0] }
        var touched = [
            names.active(slice.worker.description), names.pending, names.scheduled, names.dead,
            names.totals,
        ]
        /// Where the script finds a key, counted from 1; 0: there is none.
        func place(_ key: String?) -> Int {
            guard let key else { return 0 }
            touched.append(key)
            return touched.count
        }
        /// The same of the list of a type, behind which the set of all types stands.
        func placeOfBoth(_ type: JobType?) -> Int {
            let list = place(type.map { names.aside($0) })
            _ = place(type.map { _ in names.aside })
            return list
        }
        let places = others.map { finish in
            (
                unique: place(finish.unique.map { names.unique($0.key) }),
                receipt: place(finish.receipt.map { names.receipt($0.id.description) }),
                aside: placeOfBoth(finish.outcome.typeAside)
            )
        }
        var call = ScriptCall(
            Scripts.finish, keys: touched,
            arguments: [
                mustBeThere ? String(present.epoch) : "", String(slice.acks.count),
                String(others.count),
            ])
        for place in slice.acks { call.append(batch[place].token.number) }
        for finish in others { call.append(finish.token.number) }
        for (finish, places) in zip(others, places) {
            let words = finish.outcome.words
            call.append(words.kind)
            call.append(places.aside > 0 ? Int64(places.aside) : words.delay)
            call.append(words.envelope)
            call.append(finish.isReplay && finish.hasIDOfClaim ? "1" : "0")
            call.append(places.unique)
            call.append(finish.unique?.holder.description ?? "")
            call.append(places.receipt)
            call.append(finish.receipt?.record ?? [])
            call.append(max(1, finish.receipt?.lifetime.wholeMilliseconds ?? 0))
        }
        return call
    }
}

extension Finish {
    /// How many bytes are to be sent for it.
    fileprivate var size: Int { outcome.size + (receipt?.record.count ?? 0) }

    /// The same without sending the record: it is moved as it lies with the worker. A retry of it would count no
    /// attempt, so the job is dead.
    fileprivate var asItLies: Finish {
        let outcome: Outcome =
            switch self.outcome {
            case .ack: .ack
            case .retry, .deadLetter: .deadLetter(envelope: [])
            case .release: .release(envelope: [])
            case .putBack: self.outcome
            }
        return Finish(token: token, outcome: outcome, unique: unique)
    }
}

extension Outcome {
    fileprivate var words: (kind: String, delay: Int64, envelope: [UInt8]) {
        switch self {
        case .ack: ("A", 0, [])
        case .retry(let delay, let envelope): ("R", max(0, delay.wholeMilliseconds), envelope)
        case .deadLetter(let envelope): ("D", 0, envelope)
        case .release(let envelope): ("L", 0, envelope)
        case .putBack(.pending): ("B", 0, [])
        case .putBack(.aside(let type)): ("S", 0, Array(type.description.utf8))
        case .putBack(.asideFirst(let type)): ("T", 0, Array(type.description.utf8))
        }
    }

    fileprivate var size: Int { words.envelope.count }
}

extension Finish {
    /// The id in its record was given by a claim, so no other job has an equal record.
    fileprivate var hasIDOfClaim: Bool {
        let record = outcome.words.envelope
        // A record that is no envelope tells its id in another way, or has none.
        let id = (try? Envelope(record, maxPayload: record.count))?.id
        return (id ?? UndecodableRecord(decoding: record)?.id)?.isOfClaim ?? false
    }
}
