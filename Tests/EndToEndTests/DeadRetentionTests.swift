import Foundation
import TestSupport
import Testing

@Suite("Dead letters beyond a limit")
struct DeadRetentionTests {
    @Test("are dropped, the oldest first, counted and told; a reload changes the limit")
    func number() async throws {
        let place = try CommandPlace()
        let settings = { (limit: String) in
            try place.directory.write(
                "[Daemon]\nQueues=default,small\n[Queue]\nDeadMax=\(limit)\n[Queue small]\nDeadMax=1\n",
                to: "jobqueued.conf")
        }
        _ = try settings("infinity")
        let daemon = try await place.daemon()
        for number in 1...6 {
            try await daemon.done("enqueue", "--type", "none", "--id", "job-\(number)")
        }
        try await daemon.done(
            "enqueue", "--type", "none", "--queue", "small", "--count", "5")
        await eventually(equals: 1) {
            try daemon.metric(#"jobqueue_jobs{queue="small",state="dead"}"#)
        }
        #expect(try daemon.dead() == 6)
        _ = try settings("4")
        try await daemon.done("reload")
        await eventually(equals: 4) { try daemon.dead() }
        let left = try await daemon.done("dead")
        for number in 1...6 {
            #expect(left.contains { $0.hasPrefix("job-\(number) ") } == (number > 2))
        }
        await eventually(equals: 2) {
            try daemon.metric(#"jobqueue_dead_trimmed_total{queue="default"}"#)
        }
        try await daemon.child.line(
            containing: "dropped the oldest 2 dead letters of queue default")
        #expect(try daemon.metric(#"jobqueue_dead_trimmed_total{queue="small"}"#) == 4)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("and those beyond an age, by a flag")
    func age() async throws {
        let place = try CommandPlace()
        let daemon = try await place.daemon(["--dead-max-age", "1s"])
        try await daemon.done("enqueue", "--type", "none", "--id", "old")
        await eventually(equals: 1) {
            try daemon.metric(#"jobqueue_dead_trimmed_total{queue="default"}"#)
        }
        #expect(try daemon.dead() == 0)
        #expect(try await daemon.drain() == .exited(0))
    }
}
