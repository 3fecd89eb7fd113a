import JobQueue
import Redis

/// A batch of outcomes on its way: cut into scripts by worker, queue and size, and put together again
/// as the answers come.
struct FinishPlan {
    /// Outcomes that one script writes.
    struct Slice {
        let worker: WorkerID
        let queue: QueueName
        /// Plain acks first, then the rest.
        var acks: [Int] = []
        var others: [Int] = []
        fileprivate(set) var finishes: [Finish] = []
        fileprivate var bytes = 0
        fileprivate var isReplay = false

        fileprivate var indices: [Int] { acks + others }
    }

    private let batch: [Finish]
    private var open: [Int]
    private var replays: Set<Int>
    /// For each element of the batch what became of it, as far as it is settled.
    private(set) var results: [FinishResult]

    init(_ batch: [Finish]) {
        self.batch = batch
        open = Array(batch.indices)
        replays = Set(batch.indices.filter { batch[$0].isReplay })
        results = Array(repeating: .refused, count: batch.count)
    }

    var isDone: Bool { open.isEmpty }

    /// What is still to be written, cut into slices. They are written in this order, and each release is
    /// pushed to the head of pending: the latest claim comes first, so that the earliest is at the head.
    func nextSlices() -> [Slice] {
        var slices: [Slice] = []
        for index in open.sorted(by: { batch[$0].token.number > batch[$1].token.number }) {
            let finish = batch[index]
            let size = finish.outcome.size + (finish.receipt?.record.count ?? 0)
            // The last of this worker and queue is the one with room; there are few of both.
            if let number = slices.lastIndex(where: { $0.takes(finish.token) }),
                slices[number].hasRoom(for: size)
            {
                slices[number].append(index, size, isReplay: replays.contains(index), finish)
            } else {
                var slice = Slice(worker: finish.token.worker, queue: finish.token.queue)
                slice.append(index, size, isReplay: replays.contains(index), finish)
                slices.append(slice)
            }
        }
        for number in slices.indices {
            slices[number].finishes = slices[number].indices.map { batch[$0] }
        }
        return slices
    }

    /// The answer to a slice: the positions (from 1) that were refused.
    mutating func settle(_ slice: Slice, refused: [Int64]) {
        let refused = Set(refused)
        for (position, index) in slice.indices.enumerated() {
            results[index] = refused.contains(Int64(position + 1)) ? .refused : .written
        }
        close(slice)
    }

    /// Redis refused the whole slice, and wrote nothing of it.
    mutating func fail(_ slice: Slice, _ error: BrokerError) {
        for index in slice.indices { results[index] = .failed(error) }
        close(slice)
    }

    private mutating func close(_ slice: Slice) {
        let settled = Set(slice.indices)
        open.removeAll { settled.contains($0) }
    }

    /// No answer came: what is sent again may have been written.
    mutating func mayHaveBeenSent(_ slice: Slice) { replays.formUnion(slice.indices) }
}

extension FinishPlan.Slice {
    fileprivate func takes(_ token: LeaseToken) -> Bool {
        worker == token.worker && queue == token.queue
    }

    fileprivate func hasRoom(for size: Int) -> Bool {
        acks.count + others.count < Slice.count && bytes + size <= Slice.bytes
    }

    fileprivate mutating func append(_ index: Int, _ size: Int, isReplay: Bool, _ finish: Finish) {
        if finish.outcome == .ack, finish.unique == nil, finish.receipt == nil {
            acks.append(index)
        } else {
            others.append(index)
        }
        bytes += size
        self.isReplay = self.isReplay || isReplay
    }

    /// The script's call. `present` is who the worker is now.
    func call(keys: Keys, present: Identity) -> ScriptCall {
        let names = keys.of(queue)
        let mustBeThere =
            !isReplay && worker == present.worker
            && finishes.allSatisfy { $0.token.number >= present.firstTokenOfEpoch }
        let others = finishes.dropFirst(acks.count)
        var touched = [
            names.active(worker.description), names.pending, names.scheduled, names.dead,
            names.totals,
        ]
        /// Where the script finds a key, counted from 1; 0: there is none.
        func place(_ key: String?) -> Int {
            guard let key else { return 0 }
            touched.append(key)
            return touched.count
        }
        let places = others.map { finish in
            (
                unique: place(finish.unique.map { names.unique($0.key) }),
                receipt: place(finish.receipt.map { names.receipt($0.id.description) })
            )
        }
        var call = ScriptCall(
            Scripts.finish, keys: touched,
            arguments: [mustBeThere ? String(present.epoch) : "", String(acks.count)])
        for finish in finishes.prefix(acks.count) { call.append(finish.token.number) }
        for (finish, places) in zip(others, places) {
            let words = finish.outcome.words
            call.append(words.kind)
            call.append(finish.token.number)
            call.append(words.delay)
            call.append(words.envelope)
            call.append(places.unique)
            call.append(finish.unique?.holder.description ?? "")
            call.append(places.receipt)
            call.append(finish.receipt?.record ?? [])
            call.append(max(1, finish.receipt?.lifetime.wholeMilliseconds ?? 0))
        }
        return call
    }
}

extension Outcome {
    fileprivate var words: (kind: String, delay: Int64, envelope: [UInt8]) {
        switch self {
        case .ack: ("A", 0, [])
        case .retry(let delay, let envelope): ("R", max(0, delay.wholeMilliseconds), envelope)
        case .postpone(let delay, let envelope): ("P", max(0, delay.wholeMilliseconds), envelope)
        case .deadLetter(let envelope): ("D", 0, envelope)
        case .release(let envelope): ("L", 0, envelope)
        }
    }

    fileprivate var size: Int { words.envelope.count }
}
