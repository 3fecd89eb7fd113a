import Testing

@testable import JobControl

@Suite("An order of jobs")
struct EnqueueOrderTests {
    /// - Parameter fields: what stands beside the type, as JSON.
    private func order(_ fields: String) throws -> EnqueueOrder {
        try WireJSON.decode(EnqueueOrder.self, from: Array(#"{"type":"t",\#(fields)}"#.utf8))
    }

    @Test(
        "numbers at the ends of their ranges are taken",
        arguments: [
            #""count":1"#, #""count":10000"#, #""delay_ms":0"#, #""delay_ms":253402300799999"#,
            #""at_ms":0"#, #""at_ms":253402300799999"#, #""max_attempts":1"#,
            #""max_attempts":9223372036854775807"#, #""timeout_ms":1"#,
            #""timeout_ms":253402300799999"#, #""id":"j1","count":1"#,
        ])
    func good(fields: String) throws {
        try order(fields).check()
    }

    @Test(
        "numbers that mean nothing are refused by name",
        arguments: [
            ("count", "0"), ("count", "-1"), ("count", "10001"), ("count", "9223372036854775807"),
            ("delay_ms", "-1"), ("delay_ms", "253402300800000"),
            ("delay_ms", "-9223372036854775808"), ("at_ms", "-1"), ("at_ms", "253402300800000"),
            ("max_attempts", "0"), ("max_attempts", "-9223372036854775808"), ("timeout_ms", "0"),
            ("timeout_ms", "-5"), ("timeout_ms", "9223372036854775807"),
        ])
    func bad(name: String, number: String) throws {
        let order = try order(#""\#(name)":\#(number)"#)
        #expect(throws: ControlError.invalidParameter(name)) { try order.check() }
    }

    @Test("a delay and a time exclude each other")
    func delayAndTime() throws {
        let order = try order(#""delay_ms":1,"at_ms":1"#)
        #expect(throws: ControlError.invalidParameter("at_ms")) { try order.check() }
    }

    @Test("an id is that of one job")
    func idAndCount() throws {
        let order = try order(#""id":"j","count":2"#)
        #expect(throws: ControlError.invalidParameter("count")) { try order.check() }
    }
}
