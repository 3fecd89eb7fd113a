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

    @Test("it keeps its lease, and claims for the slots that are free")
    func goesOn() async {
        await #expect(processExitsWith: .success) {
            let handlers = HandlerDouble(isOpen: true)
            let bench = WorkerBench(WorkerBlockedPoolTests.options(), handler: handlers.held)
            try await bench.run { bench in
                try await withSharedPoolBlocked {
                    bench.broker.push(["a", "b", "c"])
                    try await bench.broker.expectJobs("both slots are taken") {
                        $0.active.count == 2
                    }
                    for number in 2...4 {
                        try await bench.clock.pass(.seconds(3))
                        try await bench.broker.expectAnswer(.heartbeat, number: number)
                    }
                    #expect(handlers.state.value.started.isEmpty)
                }
                try await bench.broker.expectJobs("all are done") { $0.done.count == 3 }
            }
        }
    }

    @Test("a job over its time goes to others, and its handler does not begin any more")
    func deadline() async {
        await #expect(processExitsWith: .success) {
            let handlers = HandlerDouble(isOpen: true)
            let bench = WorkerBench(WorkerBlockedPoolTests.options(), handler: handlers.held)
            try await bench.run(gathersAtOnce: true) { bench in
                try await withSharedPoolBlocked {
                    bench.broker.push(["a"])
                    try await bench.clock.pass(.seconds(100))
                    try await bench.clock.pass(.seconds(11))
                    try await bench.broker.expectJobs("it failed") { $0.scheduled() == ["a"] }
                    #expect(bench.worker.workbench.occupancy.busy == 1)
                }
                bench.broker.push(["b"])
                try await bench.expectEvents(of: "b", .done)
                #expect(handlers.state.value.started == ["b"])
                #expect(bench.broker.jobs.scheduled() == ["a"])
                #expect(bench.broker.jobs.doneIDs == ["b"])
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
                    try await bench.clock.pass(.seconds(31))
                    try await bench.clock.pass(.seconds(11))
                    try await bench.expectEnded()
                    #expect(bench.broker.jobs.pending().sorted() == ["a", "b"])
                    #expect(bench.broker.calls.last == .retire)
                }
            }
        }
    }
}
