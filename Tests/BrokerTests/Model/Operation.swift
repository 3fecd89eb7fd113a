import TestSupport

/// One step of a random life of a broker. It names jobs, claims and workers by small numbers that mean
/// something in any list of operations, so that a list can be made shorter and still be carried out.
enum Operation: Sendable {
    struct NewJobs: Sendable {
        /// Of a small number of ids; `nil`: a new one.
        var id: Int?
        var uniqueKey: Int?
        /// In hours; `nil`: now.
        var delay: Int?
    }

    struct Ending: Sendable {
        /// Which of all claims that there ever were: right, old and foreign tokens alike.
        let claim: Int
        let kind: OutcomeKind
        /// Of a retry, in hours.
        let delay: Int
    }

    enum Selection: Sendable {
        case ids([Int])
        /// One of the jobs that there ever were, by its place among them.
        case job(Int)
        case all
        case ofType(String)
    }

    case enqueue(by: Int, queue: Int, [NewJobs])
    case push(queue: Int, count: Int, areGarbage: Bool)
    case claim(by: Int, queue: Int, count: Int)
    case claimAside(by: Int, queue: Int, count: Int, type: Int)
    case finish(by: Int, [Ending])
    case heartbeat(of: Int)
    case advance(hours: Int)
    case promote(by: Int, queue: Int)
    case recover(by: Int, queue: Int)
    case pause(by: Int, queue: Int)
    case resume(by: Int, queue: Int)
    case requeue(by: Int, Selection)
    case delete(by: Int, Selection)
    case find(by: Int, Selection)
    case trim(by: Int, queue: Int, count: Int)
    /// Signs off; another worker takes its place.
    case retire(Int)
    /// Is killed; another worker takes its place, and may know whose.
    case crash(Int, isRemembered: Bool)
    /// All are killed, and the broker with them; each worker that comes after knows whose place it takes.
    case restart

    static let workers = 3
    static let queues = 2
    static let ids = 6
    static let uniqueKeys = 3
    /// Those that there are, see `ModelJob.type`.
    static let types = ["test", "third"]
}

extension Operation {
    /// A random one, weighted so that jobs get about.
    static func random(_ generator: inout SeededGenerator) -> Operation {
        let worker = generator.below(workers)
        let queue = generator.below(queues)
        switch generator.below(100) {
        case 0..<18:
            let jobs = (0...generator.below(3)).map { _ in newJob(&generator) }
            return .enqueue(by: worker, queue: queue, jobs)
        case 18..<24:
            return .push(
                queue: queue, count: 1 + generator.below(3), areGarbage: generator.once(in: 4))
        case 24..<40: return .claim(by: worker, queue: queue, count: 1 + generator.below(4))
        case 40..<46:
            return .claimAside(
                by: worker, queue: queue, count: 1 + generator.below(3), type: generator.below(2))
        case 46..<68:
            let endings = (0...generator.below(4)).map { _ in ending(&generator) }
            return .finish(by: worker, endings)
        case 68..<73: return .heartbeat(of: worker)
        case 73..<79: return .advance(hours: generator.once(in: 12) ? 25 : 1 + generator.below(4))
        case 79..<83: return .promote(by: worker, queue: queue)
        case 83..<88: return .recover(by: worker, queue: queue)
        case 88: return .pause(by: worker, queue: queue)
        case 89, 90: return .resume(by: worker, queue: queue)
        case 91, 92: return .requeue(by: worker, selection(&generator))
        case 93, 94: return .delete(by: worker, selection(&generator))
        case 95:
            return .trim(by: worker, queue: queue, count: generator.below(4))
        case 96: return .find(by: worker, .job(generator.below(1 << 16)))
        case 97: return .retire(worker)
        case 98: return .crash(worker, isRemembered: generator.once(in: 2))
        default: return .restart
        }
    }

    private static func newJob(_ generator: inout SeededGenerator) -> NewJobs {
        NewJobs(
            id: generator.once(in: 3) ? generator.below(ids) : nil,
            uniqueKey: generator.once(in: 3) ? generator.below(uniqueKeys) : nil,
            delay: generator.once(in: 4) ? 1 + generator.below(8) : nil)
    }

    /// Mostly of one of the latest claims.
    private static func ending(_ generator: inout SeededGenerator) -> Ending {
        Ending(
            claim: generator.once(in: 4) ? generator.below(1 << 16) : -1 - generator.below(8),
            kind: generator.pick(OutcomeKind.allCases), delay: 1 + generator.below(8))
    }

    private static func selection(_ generator: inout SeededGenerator) -> Selection {
        switch generator.below(6) {
        case 0: .all
        case 1: .ofType("third")
        case 2: .ids((0...generator.below(2)).map { _ in generator.below(ids) })
        default: .job(generator.below(1 << 16))
        }
    }
}

extension Array {
    /// The element with this number, whatever the number: from the end when it is negative, and round
    /// and round.
    subscript(anyNumber number: Int) -> Element? {
        if isEmpty { return nil }
        let rest = number % count
        return self[rest < 0 ? rest + count : rest]
    }
}
