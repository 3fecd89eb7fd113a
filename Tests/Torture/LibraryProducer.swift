import EventLoop
import JobDaemon
import JobQueue
import Redis
import RedisBroker
import TestSupport

/// A producer that uses the library, over the faulty network: delays, unique keys, ids of its own.
struct LibraryProducer {
    let loop: EventLoop
    /// Redis's, or the proxy's.
    let address: String
    let ledger: Ledger

    /// Enqueues one job after the other until the task is cancelled.
    func run(seed: UInt64) async throws {
        let clock = LoopClock(loop: loop)
        let options = RedisBrokerOptions(
            address: try RedisAddress(parsing: address), clock: clock, resolve: { [$0] })
        let broker = RedisBroker(loop: loop, options: options)
        await withTaskGroup { group in
            group.addTask { await broker.run() }
            group.addTask {
                var draw = JobDraw(seed: seed, name: "lib")
                while !Task.isCancelled {
                    await enqueue(draw.next(), by: broker)
                    // Cancellation ends the wait, and with it the loop.
                    try? await clock.sleep(for: .milliseconds(6))
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func enqueue(_ drawn: DrawnJob, by broker: RedisBroker) async {
        do {
            let results = try await broker.enqueue([drawn.job])
            switch results.first {
            case .enqueued(let id), .known(let id): ledger.answered(id.description)
            case .duplicate, nil: break
            }
        } catch BrokerError.outcomeUnknown {
            ledger.unknown(drawn.id)
        } catch {
            ledger.refused(drawn.id)
        }
    }
}

/// A job as it was drawn from the seed.
struct DrawnJob {
    let id: String
    var job: NewJob
}

/// Draws jobs from a seed.
struct JobDraw {
    private let name: String
    private var random: SeededRandom
    private var number = 0

    init(seed: UInt64, name: String) {
        self.name = name
        random = SeededRandom(seed: seed)
    }

    mutating func next() -> DrawnJob {
        number += 1
        let id = "t-\(name)-\(number)"
        var job = NewJob(type: Self.type, payload: Payload(Array(payload().utf8)))
        job.id = JobID(id)
        if Int.random(in: 0..<3, using: &random) == 0 { job.queue = Self.low }
        if Int.random(in: 0..<8, using: &random) == 0 { job.type = Self.commandType }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: job.start = .after(.milliseconds(Int.random(in: 1...1500, using: &random)))
        case 1, 2: job.uniqueKey = "key-\(Int.random(in: 0..<8, using: &random))"
        default: break
        }
        // Few run for longer than a lease: beside others of another queue, when it is lost.
        if Int.random(in: 0..<60, using: &random) == 0 {
            job.queue = Self.low
            job.type = Self.type
            let time = Int.random(in: 1500...5000, using: &random)
            job.payload = Payload(Array(#"{"ms":\#(time)}"#.utf8))
        }
        return DrawnJob(id: id, job: job)
    }

    /// Most jobs are quick, some take a while, some fail at first.
    private mutating func payload() -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: #"{"ms":\#(Int.random(in: 1...300, using: &random))}"#
        case 2: #"{"fail_first":\#(Int.random(in: 1...2, using: &random))}"#
        case 3: #"{"stubborn_ms":\#(Int.random(in: 1...40, using: &random))}"#
        default: "{}"
        }
    }

    private static let type = JobType("test:job") ?? preconditionType()
    private static let commandType = JobType(CommandFiles.type) ?? preconditionType()
    private static let low = QueueName("low") ?? .default

    private static func preconditionType() -> JobType {
        preconditionFailure("the type of the tests' jobs is no type")
    }
}
