import JobQueue
import TestSupport
import Testing

/// Where a broker and the model part ways.
struct ModelMismatch: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, expected: some Any, found: some Any) {
        description = "\(what): expected \(expected), found \(found)"
    }
}

/// Carries operations out on a broker and on the model, and compares them after each.
struct ModelRun {
    struct Slot {
        var daemon: ModelDaemon
        var worker: String
        /// As `OwnLease` has it, in hours.
        var heldSince: Int
        var lastSent: Int
    }

    /// A claim that there was, and whether an outcome was written for it before.
    struct KnownClaim {
        let claim: Claim
        var wasFinished = false
    }

    static let hour = Duration.seconds(3600)

    let place: any ModelPlace
    let queues: [QueueName]
    var model: ReferenceModel
    var slots: [Slot] = []
    var claims: [KnownClaim] = []
    /// Of all jobs that there were.
    var ids: [String] = []
    var nextNumber = 1

    /// - Parameter flaw: see `ReferenceModel.flaw`.
    init(place: any ModelPlace, flaw: ReferenceModel.Flaw?) async throws {
        self.place = place
        queues = try (0..<Operation.queues).map { try queue("q\($0)") }
        model = ReferenceModel(queues: queues)
        model.flaw = flaw
        for _ in 0..<Operation.workers { slots.append(try await newSlot()) }
        try await compare()
    }

    mutating func newSlot() async throws -> Slot {
        let daemon = try await place.daemon(
            queues: queues, lease: Self.hour * ReferenceModel.lease)
        let worker = await daemon.workerID()
        model.register(worker)
        return Slot(
            daemon: daemon, worker: worker, heldSince: model.hour, lastSent: model.hour)
    }

    /// Whatever it came to, nothing runs on.
    func end() async {
        for slot in slots { await slot.daemon.crash() }
        await place.stand.close()
    }

    mutating func carryOut(_ operation: Operation) async throws {
        switch operation {
        case .enqueue(let slot, let queue, let jobs):
            try await enqueue(slots[slot], queues[queue], jobs)
        case .push(let queue, let count, let areGarbage):
            try await push(count, to: queues[queue], areGarbage)
        case .claim(let slot, let queue, let count):
            try await claim(slot, queues[queue], count, .pending)
        case .claimAside(let slot, let queue, let count, let type):
            guard let type = JobType(Operation.types[type]) else { break }
            try await claim(slot, queues[queue], count, .aside(type))
        case .finish(let slot, let endings): try await finish(slots[slot], endings)
        case .heartbeat(let slot): try await heartbeat(slot)
        case .advance(let hours):
            try await place.advance(by: Self.hour * hours)
            model.hour += hours
        case .promote(let slot, let queue): try await promote(slots[slot], queues[queue])
        case .recover(let slot, let queue): try await recover(slots[slot], queues[queue])
        case .pause(let slot, let queue):
            try await slots[slot].daemon.broker.pause([queues[queue]])
            model.setPaused(queues[queue], true)
        case .resume(let slot, let queue):
            try await slots[slot].daemon.broker.resume([queues[queue]])
            model.setPaused(queues[queue], false)
        case .requeue(let slot, let selection): try await requeue(slots[slot], selection)
        case .delete(let slot, let selection): try await delete(slots[slot], selection)
        case .find(let slot, let selection): try await find(slots[slot], selection)
        case .trim(let slot, let queue, let count):
            try await trim(slots[slot], queues[queue], to: count)
        case .retire(let slot):
            try await slots[slot].daemon.broker.retire()
            model.retire(slots[slot].worker)
            await slots[slot].daemon.crash()
            slots[slot] = try await newSlot()
        case .crash(let slot, let isRemembered):
            let former = slots[slot].worker
            await slots[slot].daemon.crash()
            slots[slot] = try await newSlot()
            if isRemembered { try await recoverFormerSelf(former, slots[slot]) }
        case .restart: try await restart()
        }
        try await compare()
    }

    func expect<Value: Equatable>(
        _ what: String, _ expected: Value, _ found: Value
    ) throws(ModelMismatch) {
        guard expected == found else {
            throw ModelMismatch(what, expected: expected, found: found)
        }
    }
}
