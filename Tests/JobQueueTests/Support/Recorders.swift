import JobQueue
import Synchronization

/// Keeps what was told of jobs.
final class EventLog: JobEventRecorder {
    let events = Changing<[JobEvent]>([])
    let recoveries = Changing<[Recovery]>([])

    func record(_ events: [JobEvent]) { self.events.update { $0 += events } }
    let trims = Changing<[Int]>([])
    func recovered(_ recovery: Recovery) { recoveries.update { $0.append(recovery) } }
    func trimmed(_ count: Int, of queue: QueueName) { trims.update { $0.append(count) } }

    /// What became of the attempts at one job, in order.
    func kinds(of id: String) -> [JobEvent.Kind] {
        events.value.filter { $0.id.description == id }.map(\.kind)
    }
}

/// Keeps the lines of the log.
final class LogCapture: LogSink {
    let records = Changing<[LogRecord]>([])
    let level = LogLevel.debug

    func write(_ record: LogRecord) { records.update { $0.append(record) } }

    /// How many lines contain `text`.
    func count(of text: String) -> Int {
        records.value.count { $0.message.contains(text) }
    }
}

/// The same bits each time (SplitMix64), so that a failure can be seen again.
private final class RepeatableBits: Sendable {
    private let state: Mutex<UInt64>

    init(seed: UInt64) { state = Mutex(seed) }

    func next() -> UInt64 {
        var bits = state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            return state
        }
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension RandomSource {
    static func seeded(_ seed: UInt64) -> RandomSource {
        let bits = RepeatableBits(seed: seed)
        return RandomSource { bits.next() }
    }
}
