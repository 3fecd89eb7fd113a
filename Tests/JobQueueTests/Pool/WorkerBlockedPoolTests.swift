import JobQueue
import TestSupport
import Testing

/// Handlers run on Swift's shared pool and may block all of it; the worker's loops live elsewhere. Each
/// test has a process of its own: in this one other tests need the pool.
@Suite("A worker whose handlers block every thread", .timeLimit(.minutes(5)))
struct WorkerBlockedPoolTests {
    private static func options() -> WorkerOptions {
        var options = Sample.options(slots: 2)
        options.lease = .seconds(15)
        options.timeout = .seconds(100)
        options.killGrace = .seconds(11)
        options.drainTimeout = .seconds(31)
        return options
    }

    @Test("it keeps its lease, and gives back what no thread begins with")
    func goesOn() async {
        await #expect(processExitsWith: .success) {
            let handlers = HandlerDouble(isOpen: true)
            let bench = WorkerBench(WorkerBlockedPoolTests.options(), handler: handlers.held)
            try await bench.run(gathersAtOnce: true) { bench in
                try await withSharedPoolBlocked {
                    bench.broker.push(["a", "b", "c"])
                    try await bench.broker.expectJobs("both slots are taken") {
                        $0.active.count == 2
                    }
                    try await bench.clock.pass(Workbench.longestWaitForThread)
                    try await bench.broker.expectJobs("both are back") {
                        $0.active.isEmpty && $0.pending().sorted() == ["a", "b", "c"]
                    }
                    for number in 2...4 {
                        try await bench.broker.expectAnswer(.heartbeat, number: number - 1)
                        bench.clock.advance(by: .seconds(3))
                        try await bench.broker.expectAnswer(.heartbeat, number: number)
                    }
                    #expect(handlers.state.value.started.isEmpty)
                    #expect(bench.broker.jobs.active.isEmpty, "nothing is claimed in vain")
                }
                try await bench.broker.expectJobs("all are done") { $0.done.count == 3 }
                for record in bench.broker.jobs.done {
                    #expect(try Sample.envelope(record).attempts == 0)
                }
            }
        }
    }

    @Test("a drain ends in time and gives the jobs back")
    func drain() async {
        await #expect(processExitsWith: .success) {
            let handlers = HandlerDouble(isOpen: true)
            let bench = WorkerBench(WorkerBlockedPoolTests.options(), handler: handlers.held)
            try await bench.run(gathersAtOnce: true) { bench in
                try await withSharedPoolBlocked {
                    bench.broker.push(["a", "b"])
                    try await bench.broker.expectJobs("both are claimed") { $0.active.count == 2 }
                    bench.drain()
                    try await bench.clock.pass(Workbench.longestWaitForThread)
                    try await bench.expectEnded()
                    #expect(bench.broker.jobs.pending().sorted() == ["a", "b"])
                    #expect(bench.broker.calls.last == .retire)
                }
            }
        }
    }
}
