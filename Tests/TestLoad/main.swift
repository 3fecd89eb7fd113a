import CPowerCut
import Glibc
import JobQueue
import LinuxSystem
import SQLiteBroker

/// Load on a file of jobs, to be killed at any time. Whoever looks at the file afterwards finds in the
/// log what it must hold:
///
///     E id    its enqueue was answered
///     F id    it is about to be acked, its last end
///
/// Usage: jobqueue-testload FILE LOG PREFIX [drain] [normal] [power-cut SEED]. PREFIX makes the ids of this
/// run; `drain` puts nothing in, and ends when nothing is left.
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3 else { exit(64) }
let log = Log(path: arguments[1])
if let index = arguments.firstIndex(of: "power-cut") {
    let seed = index + 1 < arguments.count ? UInt32(arguments[index + 1]) : nil
    guard power_cut_register(seed ?? 1) == 0 else { exit(70) }
}
var options = JobStoreOptions(clock: SystemJobClock())
if arguments.contains("normal") { options.durability = .normal }
let store = try await JobStore.open(.file(path: arguments[0]), options: options)
let mustDrain = arguments.contains("drain")

try await withThrowingTaskGroup { group in
    for number in 0..<2 {
        let worker = try await broker(lease: .seconds(3600))
        _ = try await worker.recover(in: .default)
        group.addTask { try await work(worker, number) }
    }
    let client = SQLiteBroker(store: store, options: SQLiteBrokerOptions())
    if mustDrain {
        try await drain(client)
        group.cancelAll()
        await store.close()
        log.write(["done"])
        exit(0)
    }
    for number in 0..<4 {
        group.addTask { try await produce(client, number, prefix: arguments[2]) }
    }
    try await group.waitForAll()
}

func broker(lease: Duration) async throws -> SQLiteBroker {
    var options = SQLiteBrokerOptions()
    options.worker = WorkerSide(queues: [.default], lease: lease)
    let broker = SQLiteBroker(store: store, options: options)
    try await broker.start()
    return broker
}

/// Enqueues as fast as it is answered, one by one and in batches.
func produce(_ broker: SQLiteBroker, _ producer: Int, prefix: String) async throws {
    var next = 0
    while true {
        var jobs: [NewJob] = []
        for _ in 0...(next % 5) {
            next += 1
            guard let type = JobType("test"), let id = JobID("\(prefix)-\(producer)-\(next)")
            else { return }
            var job = NewJob(type: type)
            job.id = id
            if next.isMultiple(of: 6) { job.start = .after(.milliseconds(1)) }
            job.headers = ["filling": String(repeating: "x", count: next % 400)]
            jobs.append(job)
        }
        log.write(try await broker.enqueue(jobs).map { "E \($0.id)" })
        // The workers shall keep pace: a backlog would only take time.
        while try await broker.stats().queues.contains(where: { $0.pending > 300 }) {
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// Claims and ends jobs: most are acked, some are put off first, some die and come back.
func work(_ broker: SQLiteBroker, _ worker: Int) async throws {
    while !Task.isCancelled {
        _ = try await broker.promoteDue(in: .default)
        if worker == 0 { _ = try await broker.requeue(.all(type: nil)) }
        let claims = try await broker.claim(32, from: .default).claims
        if claims.isEmpty {
            try? await Task.sleep(for: .milliseconds(1))
            continue
        }
        var finishes: [Finish] = []
        var acked: [String] = []
        for claim in claims {
            let envelope = try Envelope(claim.envelope, maxPayload: 1 << 20)
            let again = envelope.updated(EnvelopeChanges(attempts: envelope.attempts + 1))
            switch Int.random(in: 0..<10) {
            case 0:
                finishes.append(
                    Finish(token: claim.token, outcome: .retry(after: .zero, envelope: again)))
            case 1: finishes.append(Finish(token: claim.token, outcome: .release(envelope: again)))
            case 2:
                finishes.append(Finish(token: claim.token, outcome: .deadLetter(envelope: again)))
            default:
                finishes.append(Finish(token: claim.token, outcome: .ack))
                acked.append("F \(envelope.id?.description ?? "?")")
            }
        }
        log.write(acked)
        _ = try await broker.finish(finishes)
    }
}

/// Returns when no job is left.
func drain(_ broker: SQLiteBroker) async throws {
    while true {
        let left = try await broker.stats().queues.contains {
            $0.pending + $0.scheduled + $0.active + $0.dead > 0
        }
        if !left { return }
        try? await Task.sleep(for: .milliseconds(5))
    }
}

/// Appends lines to a file, each time with a single write(2).
struct Log: Sendable {
    private let descriptor: Int32

    init(path: String) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    }

    func write(_ lines: [String]) {
        let bytes = Array(lines.map { "\($0)\n" }.joined().utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { exit(70) }
    }
}

struct SystemJobClock: JobClock {
    var now: MonotonicTime { MonotonicTime(nanoseconds: SystemClock.monotonicNanoseconds()) }
    var unixMilliseconds: Int64 { SystemClock.unixMilliseconds() }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
