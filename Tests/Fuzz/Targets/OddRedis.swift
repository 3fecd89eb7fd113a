import Synchronization
import TestSupport

/// The answers of one input, given to whichever connection asks next.
final class OddAnswers: Sendable {
    enum Next {
        case answer([UInt8])
        /// They have just been used up.
        case end
        case none
    }

    private struct State {
        var answers: ArraySlice<ArraySlice<UInt8>> = []
        var fromGreeting = false
        var endIsTold = false
    }

    private let state = Mutex(State())

    /// - Parameter fromGreeting: whether what each connection begins with is answered from them, too.
    func set(_ answers: ArraySlice<UInt8>, fromGreeting: Bool) {
        // Each may cost a connection: more of them take long and show nothing new.
        let parts = answers.split(separator: 0xFF).prefix(12)
        state.withLock {
            $0 = State(answers: parts, fromGreeting: fromGreeting, endIsTold: false)
        }
    }

    func next(isGreeting: Bool) -> Next {
        state.withLock { state in
            if isGreeting, !state.fromGreeting { return .none }
            if let answer = state.answers.popFirst() {
                return .answer(
                    answer.first == ShapedAnswer.mark
                        ? ShapedAnswer.bytes(by: answer.dropFirst()) : Array(answer))
            }
            defer { state.endIsTold = true }
            return state.endIsTold ? .none : .end
        }
    }
}

/// A connection to something that takes itself for Redis.
struct OddRedis: Conversation {
    let answers: OddAnswers
    private var framer = RESPFramer()
    /// The worker's own connection, which looks at its permissions and registers.
    private var isWorkers = false
    private var isRegistered = false
    private var isPrepared = false

    init(answers: OddAnswers) { self.answers = answers }

    mutating func receive(_ bytes: [UInt8]) -> Answer {
        framer.append(bytes)
        var output: [UInt8] = []
        while let command = framer.next() {
            let words = RESPFramer.words(of: command, limit: 3)
                .map { String(decoding: $0, as: UTF8.self) }
            let greeting = greeting(to: words)
            switch answers.next(isGreeting: greeting != nil) {
            case .answer(let answer):
                output += answer
                // Who waits for the rest of an answer asks no more.
                if !Self.isComplete(answer) { return (output, ends: true) }
            case .end: return (output, ends: true)
            case .none: output += greeting ?? Array("-ERR nothing more is known\r\n".utf8)
            }
        }
        return (output, ends: false)
    }

    /// The right answer to what a broker does first on each connection; `nil`: this is no part of it.
    private mutating func greeting(to words: [String]) -> [UInt8]? {
        switch words.first {
        case "PING": return isPrepared ? nil : Array("+PONG\r\n".utf8)
        case "INFO":
            isWorkers = true
            let info = "redis_version:7.0.0\r\nrole:master\r\naof_enabled:1\r\n"
            return Array("$\(info.utf8.count)\r\n\(info)\r\n".utf8)
        case "SCRIPT": return Array("$1\r\nd\r\n".utf8)
        case "EVALSHA" where isWorkers && !isRegistered && words.last != "0":
            isRegistered = true
            return Array("*0\r\n".utf8)
        // A look at permissions: any error but NOPERM says that there is one.
        case _ where isWorkers && !isRegistered: return Array("-ERR no\r\n".utf8)
        case "SADD" where !isPrepared: return Array(":1\r\n".utf8)
        case "PEXPIRE" where !isPrepared:
            // The last of it.
            isPrepared = true
            return Array(":1\r\n".utf8)
        default: return nil
        }
    }

    /// Whether a reader of Redis's protocol finds whole answers, or finds out that they are none.
    private static func isComplete(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        var left = 1
        while left > 0 {
            guard let mark = rest.first else { return false }
            guard "+-:$*".utf8.contains(mark) else { return true }
            guard
                let end = rest.indices.dropLast().first(where: {
                    rest[$0] == 13 && rest[$0 + 1] == 10
                })
            else { return false }
            let number = Int(String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self))
            rest = rest[(end + 2)...]
            left -= 1
            if mark == UInt8(ascii: "$") {
                guard let number, number < 1 << 30 else { return true }
                guard number < 0 || rest.count >= number + 2 else { return false }
                rest = rest.dropFirst(number < 0 ? 0 : number + 2)
            } else if mark == UInt8(ascii: "*") {
                guard let number, number < 1 << 30 else { return true }
                left += max(0, number)
            }
            if left == 0, !rest.isEmpty { left = 1 }
        }
        return true
    }
}
