import Testing

@testable import Redis

@Suite("Calls of scripts")
struct RedisScriptTests {
    private let script = RedisScript(name: "a", source: Array("return 1".utf8))

    @Test("a call goes by the digest where there is one, else with the text")
    func commands() {
        var call = ScriptCall(script, keys: ["k1", "k2"], arguments: ["x"])
        call.append(7)
        call.append([0, 255] as [UInt8])
        let rest =
            Array("$1\r\n2\r\n$2\r\nk1\r\n$2\r\nk2\r\n$1\r\nx\r\n$1\r\n7\r\n$2\r\n".utf8)
            + [0, 255, 13, 10]
        #expect(
            call.command(digest: Array("d1".utf8)).bytes
                == Array("*8\r\n$7\r\nEVALSHA\r\n$2\r\nd1\r\n".utf8) + rest)
        #expect(
            call.command(digest: nil).bytes
                == Array("*8\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n".utf8) + rest)
    }

    @Test("scripts are told apart by their names")
    func identity() {
        #expect(script == RedisScript(name: "a", source: []))
        #expect(script != RedisScript(name: "b", source: script.source))
        #expect(Set([script, RedisScript(name: "a", source: [])]).count == 1)
    }
}
