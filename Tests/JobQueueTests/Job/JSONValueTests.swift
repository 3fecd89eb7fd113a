import JobQueue
import Testing

@Suite struct JSONValueTests {
    @Test(
        "a string means what its escapes say",
        arguments: [
            (#""""#, ""), (#""plain""#, "plain"), (#""é😀""#, "é😀"),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{08}\u{0C}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""a\uD83D\uDE00b""#, "a😀b"),
            (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\0"), (#""\\u0041""#, #"\u0041"#),
            ("\"\u{FEFF}a\u{FEFF}\"", "\u{FEFF}a\u{FEFF}"), (#""\uFEFF""#, "\u{FEFF}"),
        ])
    func strings(json: String, text: String) throws {
        let bytes = Array("[ \(json) ]".utf8)
        let value = JSONValue(.string, 2..<bytes.count - 2, hasEscapes: json.contains("\\"))
        #expect(value.string(in: bytes).map { Array($0.utf8) } == Array(text.utf8))
        #expect(try JSONScanner.document(Array(json.utf8).span).hasEscapes == json.contains("\\"))
    }

    @Test(
        "an integer is read exactly, or as the nearest that fits",
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9223372036854775808", .max),
            ("-9223372036854775809", .min), ("100000000000000000000000000000000000001", .max),
            ("-99999999999999999999999999999999999999", .min), ("18446744073709551617", .max),
            ("1.0", nil), ("1.5", nil), ("1e3", nil), ("1E400", nil), ("-1e-400", nil),
        ] as [(String, Int64?)])
    func integers(json: String, integer: Int64?) throws {
        let bytes = Array(json.utf8)
        #expect(try JSONScanner.document(bytes.span).integer(in: bytes) == integer)
    }

    @Test("a value is not read as what it is not")
    func otherKinds() throws {
        for json in ["null", "true", "[]", "{}", "1"] {
            let bytes = Array(json.utf8)
            let value = try JSONScanner.document(bytes.span)
            #expect(value.string(in: bytes) == nil)
            #expect((value.integer(in: bytes) == nil) == (json != "1"))
        }
        let text = Array(#""1""#.utf8)
        #expect(try JSONScanner.document(text.span).integer(in: text) == nil)
    }
}
