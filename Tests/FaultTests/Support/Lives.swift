import EventLoop
import TestSupport
import Testing

/// One undisturbed life, and then as many as it has places where the network can fail: each fails at
/// another. Many are played side by side.
struct Lives: Sendable {
    private struct Failure: CustomStringConvertible {
        let fault: MessageProxy.Fault
        let exchange: MessageProxy.Exchange

        var description: String { "\(fault) at \(exchange)" }
    }

    let kind: Life.Kind
    let redis: RedisServer
    let loop: EventLoop

    private static let sideBySide = 20

    /// Records an issue for each life in which a promise was broken, or which never came to the place
    /// where it was to fail.
    func playAll() async throws {
        let clean = Life(kind: kind, redis: redis, loop: loop, namespace: "clean")
        let failures = try failures(in: await play(clean, as: "undisturbed"))
        await withTaskGroup(of: Void.self) { group in
            for (number, failure) in failures.enumerated() {
                if number >= Self.sideBySide { await group.next() }
                group.addTask { await play(failure, number: number) }
            }
        }
    }

    private func play(_ failure: Failure, number: Int) async {
        let life = Life(
            kind: kind, redis: redis, loop: loop, namespace: "life\(number)",
            failure: (failure.fault, failure.exchange))
        do {
            let record = try await play(life, as: "\(failure)").record
            if record.hasFailed { return }
            Issue.record("\(failure): it never came there: \(record.conversations)")
        } catch {
            Issue.record("\(failure): \(error)")
        }
    }

    private func play(_ life: Life, as name: String) async throws -> Life.Report {
        let report = try await life.run()
        if !report.problems.isEmpty {
            Issue.record(
                """
                \(name): \(report.problems.joined(separator: "; "))
                what was said: \(report.record.conversations)
                \(report.log.joined(separator: "\n"))
                """)
        }
        return report
    }

    // MARK: - Where lives can fail

    private func failures(in clean: Life.Report) throws -> [Failure] {
        let life = clean.record.exchanges.prefix(clean.length)
        // What follows the last outcome is the beginning of the next job's life.
        let end = try #require(life.lastIndex { $0.name == "finish" })
        let signOff = [MessageProxy.Exchange("retire"), MessageProxy.Exchange("DEL")]
        let exchanges = life[..<end].filter(isOfInterest) + [life[end]] + signOff
        return Set(exchanges).flatMap { exchange in
            Self.everything.map { Failure(fault: $0, exchange: exchange) }
        }
    }

    /// Connecting and keeping a lease is the same in every kind of life. What comes by the clock may
    /// come less often.
    private func isOfInterest(_ exchange: MessageProxy.Exchange) -> Bool {
        switch exchange.name {
        case "load claim", "load scan": kind == .plain
        case let name where name.hasPrefix("load "): false
        case "heartbeat", "expired": kind == .plain && exchange.number == 1
        case "promote": exchange.number <= (kind == .retried ? 2 : 1)
        case "PEXPIRE": kind == .plain && exchange.number <= 2
        case "PING", "INFO", "register", "SADD", "HSET", "DEL": kind == .plain
        default: true
        }
    }

    private static let everything: [MessageProxy.Fault] =
        MessageProxy.Boundary.allCases.map { .cut($0, all: false) }
        + [.cut(.beforeRequest, all: true), .cut(.beforeReply, all: true)]
        + [.stallRequest, .loseRequest, .orphanRequest, .stallReply]
}
