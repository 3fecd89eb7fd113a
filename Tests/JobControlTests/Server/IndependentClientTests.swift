import Foundation
import JobControl
import TestSupport
import Testing

/// A client that nobody of this project wrote: it reads the interface's description from the server,
/// and holds it to it.
@Suite("An independent varlink client")
struct IndependentClientTests {
    /// Calls methods from the list on standard input, `[name, parameters]` each, and prints a line of
    /// JSON for each answer or error.
    private static let caller = """
        import json, sys, varlink
        with varlink.Client(address="unix:" + sys.argv[1]) as client:
            with client.open("io.jobqueue.Control") as control:
                for name, parameters in json.load(sys.stdin):
                    try:
                        answer = getattr(control, name)(**parameters)
                    except varlink.VarlinkError as error:
                        answer = error.as_dict()
                    print(json.dumps(answer, sort_keys=True, separators=(",", ":")))
        """

    private func call(_ stand: ControlStand, _ calls: String) async throws -> [String] {
        let python = try ChildProcess(
            "/usr/bin/env", ["python3", "-c", Self.caller, stand.path], input: calls)
        let status = try await python.waitForEndOfOutput(within: .seconds(60))
        #expect(status == .exited(0), "\(python.standardError)")
        return python.standardOutput
    }

    @Test("calls every method, and finds every answer to be as described")
    func everyMethod() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { answers in
                answers.found = [Sample.deadJob()]
                answers.dead = [Sample.deadJob()]
            }
            let answers = try await call(
                stand,
                """
                [["GetStats", {}], ["GetQueues", {}], ["GetWorkers", {}],
                 ["Enqueue", {"type": "t", "payload": "{}", "count": 2, "queue": "q", "delay_ms": 1,
                              "unique_key": "u", "max_attempts": 3, "timeout_ms": 4,
                              "headers": {"traceparent": "h"}}],
                 ["Pause", {}], ["Resume", {"queues": ["mail"]}], ["ListDead", {"limit": 1}],
                 ["Show", {"id": "j1"}], ["Requeue", {"all": true, "type": "t"}],
                 ["Delete", {"ids": ["a"]}], ["Drain", {}]]
                """)
            try #require(answers.count == 11)
            #expect(answers[0].contains(#""oldest_pending_at_ms":1769848008000"#))
            #expect(answers[1].contains(#"{"paused":true,"queue":"reports""#))
            #expect(answers[2].contains(#""lease_left_ms":-1"#))
            #expect(
                answers[3]
                    == #"{"jobs":[{"duplicate":false,"id":"j1","known":false},{"duplicate":false,"id":"j2","known":false}]}"#
            )
            #expect(answers[4] == #"{"queues":["mail","reports"]}"#)
            #expect(answers[5] == #"{"queues":["mail"]}"#)
            #expect(answers[6].contains(#""more":false"#))
            #expect(answers[7].contains(#""last_error":"out of luck""#))
            #expect(
                answers[8] == #"{"changed":["d1","d2"],"count":2,"missing":[],"unchanged":[]}"#)
            #expect(answers[10] == #"{"running":2,"timeout_ms":30000}"#)

            var order = EnqueueOrder(type: "t")
            order.payload = "{}"
            order.count = 2
            order.queue = "q"
            order.delay = 1
            order.uniqueKey = "u"
            order.maxAttempts = 3
            order.timeout = 4
            order.headers = ["traceparent": "h"]
            #expect(
                stand.service.calls.value == [
                    .stats, .queues, .workers, .enqueue(order), .pause([]), .resume(["mail"]),
                    .deadJobs(queue: nil, limit: 2), .jobs(id: "j1"),
                    .requeue(.all(type: "t")), .delete(.ids(["a"])), .drain,
                ])
        }
    }

    @Test("is told errors that it understands")
    func errors() async throws {
        try await withControlServer { stand in
            let invalid = try await call(stand, #"[["ListDead", {"limit": 0}]]"#)
            #expect(
                invalid == [
                    #"{"error":"org.varlink.service.InvalidParameter","#
                        + #""parameters":{"parameter":"limit"}}"#
                ])
            stand.service.answers.update {
                $0.failure = ControlError.brokerUnreachable(reason: "no Redis")
            }
            let unreachable = try await call(stand, #"[["GetStats", {}]]"#)
            #expect(
                unreachable == [
                    #"{"error":"io.jobqueue.Control.BrokerUnreachable","#
                        + #""parameters":{"reason":"no Redis"}}"#
                ])
        }
    }
}
