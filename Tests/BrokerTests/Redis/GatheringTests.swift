import JobQueue
import Redis
import Testing

@testable import RedisBroker

@Suite("Jobs of callers at the same time", .timeLimit(.minutes(5)))
struct GatheringTests {
    private let keys = Keys(namespace: "jobqueue")

    private func run(_ envelopes: [String], queue: String = "default") throws -> PlainRun {
        var run = PlainRun(for: try #require(QueueName(queue)), expecting: 1)
        for envelope in envelopes { run.append(Array(envelope.utf8), try #require(JobID("j"))) }
        return run
    }

    /// The words of each group's command, the name left out.
    private func commands(of runs: [PlainRun]) async -> [[String]] {
        let gathering = EnqueueGathering()
        return await withTaskGroup(of: Void.self) { callers in
            for run in runs {
                let (added, hasAdded) = AsyncStream<Void>.makeStream()
                callers.addTask {
                    _ = await withCheckedContinuation { answer in
                        _ = gathering.add(EnqueueGathering.Offer(run: run, answer: answer))
                        hasAdded.finish()
                    }
                }
                // They come in this order.
                for await _ in added {}
            }
            let groups = gathering.take()
            for group in groups { group.answer(.enqueued) }
            await callers.waitForAll()
            return groups.map { group in
                String(decoding: group.command(keys: keys).bytes, as: UTF8.self)
                    .split(separator: "\r\n").map(String.init)
                    .filter { !$0.hasPrefix("*") && !$0.hasPrefix("$") && $0 != "RPUSH" }
            }
        }
    }

    @Test("leave in one command for each queue, in the order in which they came")
    func grouped() async throws {
        let commands = await commands(of: [
            try run(["a"]), try run(["b"], queue: "mail"), try run(["c", "d"]),
            try run(["e"], queue: "mail"),
        ])
        #expect(
            commands == [
                ["jobqueue:{default}:pending", "a", "c", "d"],
                ["jobqueue:{mail}:pending", "b", "e"],
            ])
    }

    @Test("leave in another command where one would become too large")
    func limits() async throws {
        let many = try run(Array(repeating: "x", count: Slice.count - 1))
        let byCount = await commands(of: [many, try run(["a"]), try run(["b"]), try run(["c"])])
        #expect(byCount.map(\.count) == [Slice.count + 1, 3])
        let large = try run([String(repeating: "x", count: Slice.bytes - 100)])
        let bySize = await commands(of: [large, try run(["a"]), large, try run(["b"])])
        #expect(
            bySize.map { $0.dropFirst().map(\.count) } == [
                [Slice.bytes - 100, 1], [Slice.bytes - 100, 1],
            ])
    }

    @Test("only the first has those that came taken, until they are")
    func first() async throws {
        let gathering = EnqueueGathering()
        let run = try run(["a"])
        for _ in 0..<2 {
            await withTaskGroup(of: Bool.self) { callers in
                let (added, hasAdded) = AsyncStream<Void>.makeStream()
                for _ in 0..<8 {
                    callers.addTask {
                        var isFirst = false
                        _ = await withCheckedContinuation { answer in
                            isFirst = gathering.add(
                                EnqueueGathering.Offer(run: run, answer: answer))
                            hasAdded.yield()
                        }
                        return isFirst
                    }
                }
                for await _ in added.prefix(8) {}
                for group in gathering.take() { group.answer(.notTaken) }
                var firsts = 0
                for await isFirst in callers where isFirst { firsts += 1 }
                #expect(firsts == 1)
            }
        }
        #expect(gathering.take().isEmpty)
    }
}
