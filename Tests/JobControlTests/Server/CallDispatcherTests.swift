import TestSupport
import Testing

@testable import JobControl

@Suite("From a call to its answer")
struct CallDispatcherTests {
    private let dispatcher = DispatcherUnderTest()

    private typealias Good = (method: String, parameters: String, call: ServiceDouble.Call)

    private static let good: [Good] = [
        ("GetStats", "{}", .stats), ("GetQueues", "{}", .queues), ("GetWorkers", "{}", .workers),
        ("Drain", "{}", .drain),
        ("Pause", "{}", .pause([])), ("Pause", #"{"queues":[]}"#, .pause([])),
        ("Pause", #"{"queues":["a","b"]}"#, .pause(["a", "b"])),
        ("Resume", #"{"queues":null}"#, .resume([])),
        ("Resume", #"{"queues":["a"]}"#, .resume(["a"])),
        // One more than is shown, to see whether there are others.
        ("ListDead", "{}", .deadJobs(queue: nil, limit: 101)),
        ("ListDead", #"{"limit":1}"#, .deadJobs(queue: nil, limit: 2)),
        ("ListDead", #"{"queue":"q","limit":1000}"#, .deadJobs(queue: "q", limit: 1_001)),
        ("Show", #"{"id":"j"}"#, .jobs(id: "j")),
        ("Requeue", #"{"ids":["a"]}"#, .requeue(.ids(["a"]))),
        ("Requeue", #"{"all":true,"type":"t"}"#, .requeue(.all(type: "t"))),
        ("Delete", #"{"ids":["a","b"],"all":false}"#, .delete(.ids(["a", "b"]))),
        ("Delete", #"{"all":true}"#, .delete(.all(type: nil))),
        ("Enqueue", #"{"type":"t"}"#, .enqueue(EnqueueOrder(type: "t"))),
    ]

    @Test("every method asks the daemon for what its parameters say, once", arguments: good)
    fileprivate func carriedOut(
        method: String, parameters: String, call: ServiceDouble.Call
    ) async {
        let answer = await dispatcher.answer(
            "io.jobqueue.Control.\(method)", #","parameters":\#(parameters)"#)
        #expect(answer.text.hasPrefix(#"{"parameters":{"#))
        #expect(answer.frame.last == 0 && !answer.ends)
        #expect(dispatcher.service.calls.value == [call])
    }

    @Test("the answers have the fields that the interface names")
    func replies() async {
        dispatcher.service.answers.update { answers in
            answers.found = [Sample.deadJob()]
            answers.dead = [Sample.deadJob("a"), Sample.deadJob("b")]
        }
        #expect(
            await dispatcher.answer("io.jobqueue.Control.GetStats").text
                == #"{"parameters":{"queues":[{"active":2,"dead":0,"#
                + #""oldest_pending_at_ms":1769848008000,"paused":false,"pending":1234,"#
                + #""queue":"mail","scheduled":5},{"active":0,"dead":3,"paused":true,"pending":0,"#
                + #""queue":"reports","scheduled":0}],"#
                + #""totals":{"dead":3,"done":10000,"recovered":1,"retried":21}}}"#)
        #expect(
            await dispatcher.answer("io.jobqueue.Control.GetWorkers").text
                == #"{"parameters":{"workers":[{"active":2,"concurrency":10,"host":"box","#
                + #""id":"w1","lease_left_ms":14000,"pid":4242,"queues":["mail","reports"],"#
                + #""started_at_ms":1769758139000,"version":"0.1.0"},"#
                + #"{"active":0,"id":"w2","lease_left_ms":-1,"queues":["mail"]}]}}"#)
        #expect(
            await dispatcher.answer("io.jobqueue.Control.Show", #","parameters":{"id":"j1"}"#).text
                == #"{"parameters":{"jobs":[{"attempts":4,"died_at_ms":1769848140000,"#
                + #""enqueued_at_ms":1769844600000,"id":"j1","last_error":"out of luck","#
                + #""max_attempts":4,"payload":"{\"user\":42}","queue":"mail","state":"dead","#
                + #""type":"email:welcome"}]}}"#)
        #expect(
            await dispatcher.answer("io.jobqueue.Control.Drain").text
                == #"{"parameters":{"running":2,"timeout_ms":30000}}"#)
        #expect(
            await dispatcher.answer("io.jobqueue.Control.Pause", #","parameters":{"queues":["a"]}"#)
                .text
                == #"{"parameters":{"queues":["a"]}}"#)
        #expect(
            await dispatcher.answer("io.jobqueue.Control.Enqueue", #","parameters":{"type":"t"}"#)
                .text
                == #"{"parameters":{"jobs":[{"duplicate":false,"id":"j1","known":false}]}}"#)
    }

    @Test("a list of dead jobs says whether there are others")
    func more() async {
        dispatcher.service.answers.update { $0.dead = (1...3).map { Sample.deadJob("j\($0)") } }
        for (limit, more) in [(2, true), (3, false), (4, false)] {
            let reply = await dispatcher.answer(
                "io.jobqueue.Control.ListDead", #","parameters":{"limit":\#(limit)}"#
            ).text
            #expect(reply.contains(#""more":\#(more)"#))
            #expect(reply.contains(#""id":"j3""#) == !more)
        }
        let small = await dispatcher.answer("io.jobqueue.Control.ListDead", limit: 2_300).text
        #expect(small.contains(#""more":true"#) && !small.contains(#""id":"j3""#))
    }

    @Test("the service says what it is and describes its interfaces")
    func service() async {
        #expect(
            await dispatcher.answer("org.varlink.service.GetInfo").text
                == #"{"parameters":{"interfaces":["io.jobqueue.Control","org.varlink.service"],"#
                + #""product":"jobqueued","url":"https://x.example","vendor":"jobqueue","#
                + #""version":"1.2.3"}}"#)
        let description = await dispatcher.answer(
            "org.varlink.service.GetInterfaceDescription",
            #","parameters":{"interface":"io.jobqueue.Control"}"#)
        let reply = try? WireJSON.decode(
            VarlinkReply<VarlinkService.DescriptionReply>.self,
            from: Array(description.frame.dropLast()))
        #expect(reply?.parameters?.description == ControlInterface.description)
    }
}
