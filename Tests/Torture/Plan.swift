/// A fault, and how long after the one before it comes.
struct PlannedFault: CustomStringConvertible {
    let wait: Duration
    let fault: Fault

    var description: String { "+\(wait.milliseconds) ms \(fault)" }
}

/// What may happen to a daemon, to Redis, or between them.
enum Fault: CustomStringConvertible, Hashable {
    /// SIGKILL, and started again after so many milliseconds.
    case killDaemon(Int, backAfter: Int)
    /// SIGTERM: it drains, and is started again.
    case drainDaemon(Int)
    /// SIGSTOP for so many milliseconds.
    case stopDaemon(Int, for: Int)
    case killRedis(backAfter: Int)
    case cutConnections(by: String)
    /// The proxy keeps what one side sends.
    case stall(requests: Bool, for: Int)
    case delay(milliseconds: Int, for: Int)
    case killClients
    case pauseClients(for: Int)
    case flushScripts
    /// The date of Redis's host is set so many seconds ahead of, or behind, the right one.
    case setDate(seconds: Int)
    /// The daemons' user may not use a command for so many milliseconds.
    case forbid(command: String, for: Int)
    case fillMemory(for: Int)
    case pauseQueue(for: Int)
    case garbage
    /// Another process writes to the file, and takes so many milliseconds to end its transaction.
    case holdFile(for: Int)
    /// Another process reads the file, and keeps what it sees for so many milliseconds.
    case readFile(for: Int)

    var description: String {
        switch self {
        case .killDaemon(let number, let back): "kill -9 daemon \(number), back after \(back) ms"
        case .drainDaemon(let number): "SIGTERM daemon \(number)"
        case .stopDaemon(let number, let time): "SIGSTOP daemon \(number) for \(time) ms"
        case .killRedis(let back): "kill -9 Redis, back after \(back) ms"
        case .cutConnections(let way): "cut connections (\(way))"
        case .stall(let requests, let time):
            "stall \(requests ? "requests" : "replies") for \(time) ms"
        case .delay(let delay, let time): "delay by \(delay) ms for \(time) ms"
        case .killClients: "CLIENT KILL TYPE normal"
        case .pauseClients(let time): "CLIENT PAUSE \(time) ms"
        case .flushScripts: "SCRIPT FLUSH"
        case .setDate(let seconds): "Redis's date is set \(seconds) s ahead"
        case .forbid(let command, let time): "\(command) is forbidden for \(time) ms"
        case .fillMemory(let time): "maxmemory below use for \(time) ms"
        case .pauseQueue(let time): "pause a queue for \(time) ms"
        case .garbage: "garbage among the jobs"
        case .holdFile(let time): "another writer holds the file for \(time) ms"
        case .readFile(let time): "another reader keeps its view for \(time) ms"
        }
    }

    /// Its name in the figures.
    var kind: String {
        switch self {
        case .killDaemon: "kill -9 of a daemon"
        case .drainDaemon: "SIGTERM of a daemon"
        case .stopDaemon: "SIGSTOP of a daemon"
        case .killRedis: "kill -9 of Redis"
        case .cutConnections: "connections cut"
        case .stall: "network stalled"
        case .delay: "network slow"
        case .killClients: "CLIENT KILL"
        case .pauseClients: "CLIENT PAUSE"
        case .flushScripts: "SCRIPT FLUSH"
        case .setDate: "Redis's date set"
        case .forbid: "a command forbidden"
        case .fillMemory: "maxmemory"
        case .pauseQueue: "pause, resume"
        case .garbage: "garbage"
        case .holdFile: "another writer"
        case .readFile: "another reader"
        }
    }
}

/// The faults of one run, all drawn from its seed.
struct Plan {
    /// By so much Redis's date is ahead or behind at most, in seconds.
    static let largestStep = 3600

    let seed: UInt64
    let ground: GroundKind
    let faults: [PlannedFault]

    /// Faults every 100 to 600 ms for so long.
    init(seed: UInt64, seconds: Int, ground: GroundKind) {
        self.seed = seed
        self.ground = ground
        var random = SeededRandom(seed: seed)
        var faults: [PlannedFault] = []
        var left = Duration.seconds(seconds)
        while left > .zero {
            let wait = Duration.milliseconds(Int.random(in: 100...600, using: &random))
            faults.append(
                PlannedFault(wait: wait, fault: ground.draw(using: &random)))
            left -= wait
        }
        self.faults = faults
    }

}

extension GroundKind {
    /// A fault that this broker can meet.
    fileprivate func draw(using random: inout SeededRandom) -> Fault {
        switch self {
        case .redis: drawOnRedis(using: &random)
        case .sqlite: drawOnFile(using: &random)
        }
    }

    private func drawOnFile(using random: inout SeededRandom) -> Fault {
        func time(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        switch Int.random(in: 0..<20, using: &random) {
        case 0...5: return .killDaemon(0, backAfter: time(0...600))
        case 6, 7: return .drainDaemon(0)
        // The lease is one second: some of these lose it.
        case 8...10: return .stopDaemon(0, for: time(200...2500))
        case 11...13: return .holdFile(for: time(50...3000))
        case 14, 15: return .readFile(for: time(200...3000))
        case 16, 17: return .pauseQueue(for: time(100...800))
        default: return .garbage
        }
    }

    private func drawOnRedis(using random: inout SeededRandom) -> Fault {
        let daemon = Int.random(in: 0..<daemons, using: &random)
        func time(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        func one(of words: [String]) -> String { words[time(0...words.count - 1)] }
        switch Int.random(in: 0..<22, using: &random) {
        case 20:
            return .setDate(
                seconds: [-Plan.largestStep, -60, 0, 60, Plan.largestStep][time(0...4)])
        case 21: return .forbid(command: one(of: Self.commands), for: time(100...800))
        case 0, 1, 2: return .killDaemon(daemon, backAfter: time(0...600))
        case 3, 4: return .drainDaemon(daemon)
        // The lease is one second: some of these lose it.
        case 5, 6, 7: return .stopDaemon(daemon, for: time(200...2500))
        case 8: return .killRedis(backAfter: time(0...1000))
        case 9, 10, 11:
            return .cutConnections(by: one(of: ["close", "reset", "clientSide", "halfClose"]))
        case 12: return .stall(requests: Bool.random(using: &random), for: time(100...1500))
        case 13: return .delay(milliseconds: time(1...50), for: time(200...1000))
        case 14: return .killClients
        case 15: return .pauseClients(for: time(100...800))
        case 16: return .flushScripts
        case 17: return .fillMemory(for: time(100...800))
        case 18: return .pauseQueue(for: time(100...800))
        default: return .garbage
        }
    }
}

extension GroundKind {
    /// What the scripts write with, and what reads on the way.
    fileprivate static let commands = [
        "rpush", "lpush", "lpop", "ltrim", "lrange", "hset", "hget", "hdel", "zadd", "zrem", "set",
        "del",
    ]
}

/// SplitMix64: the same numbers for the same seed, for ever.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
