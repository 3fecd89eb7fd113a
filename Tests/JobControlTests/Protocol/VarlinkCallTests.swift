import Testing

@testable import JobControl

@Suite("Reading a call")
struct VarlinkCallTests {
    private func call(_ json: String) throws -> VarlinkCall {
        try WireJSON.decode(VarlinkCall.self, from: Array(json.utf8))
    }

    private func parameters<Parameters: ControlParameters>(
        _ type: Parameters.Type, _ json: String
    ) throws -> Parameters {
        try JobControl.parameters(type, of: Array(#"{"method":"x.Y"\#(json)}"#.utf8))
    }

    @Test(
        "a method's name ends after the last dot of its interface",
        arguments: [
            ("io.jobqueue.Control.GetStats", "io.jobqueue.Control", "GetStats"),
            ("a.B", "a", "B"), ("a.", "a", ""), (".B", "", "B"), ("", nil, ""),
            ("GetStats", nil, "GetStats"), ("a..B", "a.", "B"), ("ü.B", "ü", "B"),
        ])
    func names(method: String, interface: String?, member: String) throws {
        let call = try call(#"{"method":"\#(method)"}"#)
        #expect(call.interface == interface)
        #expect(call.member == member)
    }

    @Test("flags that are not given are not set, and fields of others are passed over")
    func flags() throws {
        let plain = try call(#"{"method":"a.B"}"#)
        #expect(plain.oneway == nil && plain.more == nil && plain.upgrade == nil)
        let all = try call(
            #"{"method":"a.B","oneway":true,"more":true,"upgrade":false,"x":{"y":[1]}}"#)
        #expect(all.oneway == true && all.more == true && all.upgrade == false)
    }

    @Test("no parameters, null and an empty object are the same", arguments: ["", "null", "{}"])
    func none(text: String) throws {
        let json = text.isEmpty ? "" : #","parameters":\#(text)"#
        #expect(try parameters(NoParameters.self, json) == NoParameters())
        #expect(try parameters(ListDead.Parameters.self, json) == ListDead.Parameters())
    }

    @Test("null is the same as a parameter that is not given")
    func null() throws {
        let order = try parameters(
            EnqueueOrder.self, #","parameters":{"type":"t","payload":null,"count":null}"#)
        #expect(order == EnqueueOrder(type: "t"))
    }

    @Test("every field of an order is read under the name that the interface has")
    func order() throws {
        var expected = EnqueueOrder(type: "t")
        expected.payload = "{}"
        expected.count = 1
        expected.queue = "q"
        expected.delay = 2
        expected.startAt = 3
        expected.uniqueKey = "u"
        expected.id = "i"
        expected.maxAttempts = 4
        expected.timeout = 5
        expected.headers = ["traceparent": "h"]
        let order = try parameters(
            EnqueueOrder.self,
            #"""
            ,"parameters":{"type":"t","payload":"{}","count":1,"queue":"q","delay_ms":2,"at_ms":3,
            "unique_key":"u","id":"i","max_attempts":4,"timeout_ms":5,"headers":{"traceparent":"h"}}
            """#)
        #expect(order == expected)
    }

    @Test(
        "a parameter that is wrong is named",
        arguments: [
            (#"{"type":"t","delay":1}"#, "delay"),
            (#"{"type":"t","b":1,"a":1}"#, "a"),
            (#"{}"#, "type"),
            (#"{"type":null}"#, "type"),
            (#"{"type":1}"#, "type"),
            (#"{"type":"t","count":"1"}"#, "count"),
            (#"{"type":"t","count":true}"#, "count"),
            // Where a number is that is no integer of 64 bits, the decoder does not say.
            (#"{"type":"t","count":1.5}"#, "parameters"),
            (#"{"type":"t","count":1e400}"#, "parameters"),
            (#"{"type":"t","delay_ms":9223372036854775808}"#, "parameters"),
            (#"{"type":"t","payload":{}}"#, "payload"),
            (#"{"type":"t","headers":[]}"#, "headers"),
            (#"{"type":"t","headers":{"a":1}}"#, "headers.a"),
            (#"[]"#, "parameters"),
            (#""type""#, "parameters"),
            (#"7"#, "parameters"),
        ])
    func wrong(json: String, name: String) {
        #expect(throws: ControlError.invalidParameter(name)) {
            try parameters(EnqueueOrder.self, #","parameters":\#(json)"#)
        }
    }

    @Test("an element of a list that is wrong is named by its place")
    func element() {
        #expect(throws: ControlError.invalidParameter("ids.1")) {
            try parameters(SelectionParameters.self, #","parameters":{"ids":["a",2]}"#)
        }
    }

    @Test("a method without parameters takes none")
    func unexpected() {
        #expect(throws: ControlError.invalidParameter("x")) {
            try parameters(NoParameters.self, #","parameters":{"x":1}"#)
        }
    }
}
