import TestSupport
import Testing

@testable import JobControl

@Suite("Calls that are not carried out")
struct CallRefusalTests {
    private let dispatcher = DispatcherUnderTest()

    @Test(
        "C1: an unknown method, and parameters that it cannot have, are varlink's own errors",
        arguments: [
            (
                "io.jobqueue.Control.Nope", "", "MethodNotFound", "method",
                "io.jobqueue.Control.Nope"
            ),
            ("io.jobqueue.Control.", "", "MethodNotFound", "method", "io.jobqueue.Control."),
            (
                "io.jobqueue.Control.getStats", "", "MethodNotFound", "method",
                "io.jobqueue.Control.getStats"
            ),
            (
                "org.varlink.service.Nope", "", "MethodNotFound", "method",
                "org.varlink.service.Nope"
            ),
            (
                "io.jobqueue.Other.GetStats", "", "InterfaceNotFound", "interface",
                "io.jobqueue.Other"
            ),
            ("a\u{1F600}.B", "", "InterfaceNotFound", "interface", "a\u{1F600}"),
            ("GetStats", "", "InvalidParameter", "parameter", "method"),
            ("", "", "InvalidParameter", "parameter", "method"),
            (
                "org.varlink.service.GetInterfaceDescription", #"{"interface":"a.b"}"#,
                "InterfaceNotFound", "interface", "a.b"
            ),
            (
                "org.varlink.service.GetInterfaceDescription", "{}", "InvalidParameter",
                "parameter",
                "interface"
            ),
            ("org.varlink.service.GetInfo", #"{"x":1}"#, "InvalidParameter", "parameter", "x"),
            (
                "io.jobqueue.Control.GetStats", #"{"queue":"q"}"#, "InvalidParameter", "parameter",
                "queue"
            ),
            ("io.jobqueue.Control.Drain", "[]", "InvalidParameter", "parameter", "parameters"),
            ("io.jobqueue.Control.Show", "{}", "InvalidParameter", "parameter", "id"),
            ("io.jobqueue.Control.Show", #"{"id":1}"#, "InvalidParameter", "parameter", "id"),
            (
                "io.jobqueue.Control.Pause", #"{"queues":"q"}"#, "InvalidParameter", "parameter",
                "queues"
            ),
            (
                "io.jobqueue.Control.Pause", #"{"queues":["q",null]}"#, "InvalidParameter",
                "parameter", "queues.1"
            ),
            (
                "io.jobqueue.Control.ListDead", #"{"limit":0}"#, "InvalidParameter", "parameter",
                "limit"
            ),
            (
                "io.jobqueue.Control.ListDead", #"{"limit":1001}"#, "InvalidParameter", "parameter",
                "limit"
            ),
            (
                "io.jobqueue.Control.ListDead", #"{"limit":-9223372036854775808}"#,
                "InvalidParameter", "parameter", "limit"
            ),
            ("io.jobqueue.Control.Enqueue", "{}", "InvalidParameter", "parameter", "type"),
            (
                "io.jobqueue.Control.Enqueue", #"{"type":"t","count":0}"#, "InvalidParameter",
                "parameter", "count"
            ),
            (
                "io.jobqueue.Control.Enqueue", #"{"type":"t","payload":{"a":1}}"#,
                "InvalidParameter", "parameter", "payload"
            ),
            ("io.jobqueue.Control.Requeue", "{}", "InvalidParameter", "parameter", "ids"),
            (
                "io.jobqueue.Control.Delete", #"{"ids":[],"all":false}"#, "InvalidParameter",
                "parameter", "ids"
            ),
            (
                "io.jobqueue.Control.Delete", #"{"all":"true"}"#, "InvalidParameter", "parameter",
                "all"
            ),
        ])
    func refused(
        method: String, parameters: String, error: String, field: String, value: String
    ) async {
        let call = parameters.isEmpty ? "" : #","parameters":\#(parameters)"#
        let answer = await dispatcher.answer(method, call)
        #expect(
            answer.text
                == #"{"error":"org.varlink.service.\#(error)","parameters":{"\#(field)":"\#(value)"}}"#
        )
        // The client may do better with its next call.
        #expect(!answer.ends)
        #expect(dispatcher.service.calls.value.isEmpty)
    }

    @Test(
        "C1: what is no call at all is answered, and ends the connection",
        arguments: [
            "", "x", "[]", "1", "{}", #"{"method":1}"#, #"{"method":null}"#, #"{"methud":"a.B"}"#,
            #"{"method":"a.B","oneway":1}"#, "{\"method\":\"a.B\"",
        ])
    func noCall(frame: String) async {
        let answer = await dispatcher.answer(frame: frame)
        #expect(answer.ends)
        #expect(
            answer.text.hasPrefix(
                #"{"error":"io.jobqueue.Control.Refused","parameters":{"reason":"#
                    + #""this is not a varlink call: "#))
    }

    @Test("a call that wants no answer gets none, not even an error, and is carried out")
    func oneway() async {
        for method in ["io.jobqueue.Control.Drain", "io.jobqueue.Control.Nope", "x"] {
            let answer = await dispatcher.answer(method, #","oneway":true"#)
            #expect(answer.frame.isEmpty && !answer.ends)
        }
        #expect(dispatcher.service.calls.value == [.drain])
    }

    @Test("a call that would take more replies gets one")
    func wantsMore() async {
        let answer = await dispatcher.answer("io.jobqueue.Control.Drain", #","more":true"#)
        #expect(answer.text == #"{"parameters":{"running":2,"timeout_ms":30000}}"#)
    }

    @Test("a call that would make something else of the connection is not carried out")
    func upgrade() async {
        let answer = await dispatcher.answer("io.jobqueue.Control.Drain", #","upgrade":true"#)
        #expect(
            answer.text
                == #"{"error":"org.varlink.service.MethodNotImplemented","parameters":"#
                + #"{"method":"io.jobqueue.Control.Drain"}}"#)
        #expect(dispatcher.service.calls.value.isEmpty)
    }

    // MARK: - Failures of the daemon

    private struct Failure: Error, CustomStringConvertible {
        let description = "something else"
    }

    @Test(
        "what the daemon cannot do is told with its reason",
        arguments: [
            (ControlError.brokerUnreachable(reason: "r"), "BrokerUnreachable", "r"),
            (ControlError.refused(reason: "r"), "Refused", "r"),
            (ControlError.invalidJob(reason: "r"), "InvalidJob", "r"),
            (Failure(), "Refused", "something else"),
            (
                CancellationError(), "BrokerUnreachable",
                "it took too long; it may or may not have been carried out"
            ),
        ] as [(any Error, String, String)])
    func failure(error: any Error, name: String, reason: String) async {
        dispatcher.service.answers.update { $0.failure = error }
        #expect(
            await dispatcher.answer("io.jobqueue.Control.GetStats").text
                == #"{"error":"io.jobqueue.Control.\#(name)","parameters":{"reason":"\#(reason)"}}"#
        )
    }

    @Test("an answer that does not fit into a frame is an error that says so")
    func tooLong() async {
        let reply = await dispatcher.answer("io.jobqueue.Control.GetStats", limit: 200).text
        #expect(reply.hasPrefix(#"{"error":"io.jobqueue.Control.Refused""#))
        #expect(reply.contains("a frame at most 200"))
    }

    // MARK: - Who may not act

    @Test("C2: who may not act learns what the service is, and nothing else is done")
    func denied() async {
        let denial = ControlError.permissionDenied(userID: 1_000, processID: 77)
        for method in ["GetStats", "Drain", "Nope", "Enqueue"] {
            let answer = await dispatcher.answer(
                "io.jobqueue.Control.\(method)", #","parameters":{"x":1}"#, denial: denial)
            #expect(
                answer.text
                    == #"{"error":"io.jobqueue.Control.PermissionDenied","parameters":"#
                    + #"{"pid":77,"uid":1000}}"#)
            #expect(answer.deniedMethod == method)
        }
        let info = await dispatcher.answer("org.varlink.service.GetInfo", denial: denial)
        #expect(info.text.hasPrefix(#"{"parameters""#) && info.deniedMethod == nil)
        #expect(dispatcher.service.calls.value.isEmpty)
    }

    @Test("C2: a denied call that wants no answer is not carried out either")
    func deniedOneway() async {
        let answer = await dispatcher.answer(
            "io.jobqueue.Control.Drain", #","oneway":true"#,
            denial: .permissionDenied(userID: 1, processID: 2))
        #expect(answer.frame.isEmpty && answer.deniedMethod == "Drain")
        #expect(dispatcher.service.calls.value.isEmpty)
    }
}
