import Testing

@testable import Redis

@Suite("Answers of Redis")
struct RedisReplyTests {
    @Test("a number is read from a number and from a string")
    func integers() throws {
        #expect(try RedisReply.integer(-7).asInteger() == -7)
        #expect(try RedisReply.bytes(Array("1700000000000".utf8)).asInteger() == 1_700_000_000_000)
        #expect(try RedisReply.array([.integer(1), .bytes([50])]).asIntegers() == [1, 2])
        for odd in [
            RedisReply.null, .status("1"), .array([]), .bytes([]), .bytes(Array("1.5".utf8)),
        ] {
            #expect(throws: RedisError.self) { try odd.asInteger() }
        }
    }

    @Test("a text is read from a string of either kind")
    func texts() throws {
        #expect(try RedisReply.status("OK").asText() == "OK")
        #expect(try RedisReply.bytes(Array("ä".utf8)).asText() == "ä")
        #expect(try RedisReply.array([.status("a"), .bytes([98])]).asTexts() == ["a", "b"])
        #expect(try RedisReply.bytes([0, 255]).asBytes() == [0, 255])
        for odd in [RedisReply.null, .integer(1), .array([])] {
            #expect(throws: RedisError.self) { try odd.asText() }
            #expect(throws: RedisError.self) { try odd.asBytes() }
        }
    }

    @Test("an answer of another shape is named in the error")
    func shapes() {
        let shapes: [(RedisReply, String)] = [
            (.null, "nothing"), (.integer(1), "a number"), (.status("OK"), "a string"),
            (.error(code: "ERR", message: "ERR no"), "the error ERR no"),
        ]
        for (reply, name) in shapes {
            let error = #expect(throws: RedisError.self) { try reply.asArray() }
            #expect(error?.description.contains("not \(name)") == true)
        }
        let error = #expect(throws: RedisError.self) { try RedisReply.array([.null]).asBytes() }
        #expect(error?.description.contains("not a list of 1") == true)
    }

    @Test(
        "the first word of an error is its code",
        arguments: [
            ("OOM command not allowed", "OOM", "OOM command not allowed"),
            ("ERR unknown command", "ERR", "ERR unknown command"),
            ("READONLY", "READONLY", "READONLY"),
            ("", "", ""),
        ])
    func codes(text: String, code: String, message: String) {
        #expect(RedisReply.error(text) == .error(code: code, message: message))
    }

    @Test(
        "an error inside a script is found in the words that older versions put around it",
        arguments: [
            (
                "ERR Error running script (call to f_e07): @user_script:1: WRONGTYPE Operation against",
                "WRONGTYPE", "WRONGTYPE Operation against"
            ),
            (
                "ERR Error running script (call to f_9f8): @user_script:1: @user_script: 1: -OOM command",
                "OOM", "OOM command"
            ),
            (
                "ERR Error running script (call to f_9f8): @user_script:31: @user_script: 31: -READONLY You",
                "READONLY", "READONLY You"
            ),
            (
                "ERR Error running script (call to f_1): @user_script:1: user_script:1: attempt to index",
                "ERR",
                "ERR Error running script (call to f_1): @user_script:1: user_script:1: attempt to index"
            ),
            ("ERR Error running script", "ERR", "ERR Error running script"),
            ("@user_script: 162: -MISCONF Errors writing", "MISCONF", "MISCONF Errors writing"),
        ])
    func scriptErrors(text: String, code: String, message: String) {
        #expect(RedisReply.error(text) == .error(code: code, message: message))
    }
}
