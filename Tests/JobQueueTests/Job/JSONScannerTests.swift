import JobQueue
import Testing

@Suite struct JSONScannerTests {
    @Test(
        "a valid document is taken, and its value found inside the white space",
        arguments: [
            ("null", .null), ("true", .boolean), (" false\n", .boolean), ("0", .number),
            ("-0", .number), ("\t-12.50e+07 ", .number), ("1E-2", .number), ("1e400", .number),
            ("123456789012345678901234567890", .number), (#""""#, .string),
            (#""a\"\\\/\b\f\n\r\t""#, .string), (#""\uD83D\uDE00\u0000""#, .string),
            ("\"é€漢😀\u{7F}\u{10FFFF}\u{FEFF}\"", .string), ("[]", .array), ("[ ]", .array),
            ("[1, [2,[]] ,{}]", .array), ("{}", .object), ("{ }", .object),
            (#"{"a":1,"a":{"":[]} }"#, .object),
        ] as [(String, JSONValue.Kind)])
    func valid(text: String, kind: JSONValue.Kind) throws {
        let bytes = Array(text.utf8)
        let value = try JSONScanner.document(bytes.span)
        #expect(value.kind == kind)
        let trimmed = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(readable(bytes[value.range]).hasPrefix(trimmed.prefix(1)))
        #expect(value.range.lowerBound == text.utf8.prefix { $0 <= 0x20 }.count)
        #expect(bytes[value.range.upperBound...].allSatisfy { $0 <= 0x20 })
    }

    @Test(
        "what is not JSON is refused with the place and the reason",
        arguments: [
            ("", 0, .endsTooEarly), ("  ", 2, .endsTooEarly), ("nul", 3, .endsTooEarly),
            ("nulL", 3, .unexpectedByte), ("True", 0, .unexpectedByte),
            ("NaN", 0, .unexpectedByte), ("Infinity", 0, .unexpectedByte),
            ("'a'", 0, .unexpectedByte), ("// 1", 0, .unexpectedByte), ("1 2", 2, .trailingBytes),
            ("{}}", 2, .trailingBytes), ("null\0", 4, .trailingBytes), ("\0", 0, .unexpectedByte),
            ("\u{0C}1", 0, .unexpectedByte), ("\u{A0}1", 0, .unexpectedByte),
            ("\u{FEFF}{}", 0, .byteOrderMark), ("\u{FEFF}", 0, .byteOrderMark),
            ("01", 1, .trailingBytes), ("-", 1, .endsTooEarly), ("+1", 0, .unexpectedByte),
            ("--1", 1, .unexpectedByte), ("1.", 2, .endsTooEarly), (".5", 0, .unexpectedByte),
            ("1.e3", 2, .unexpectedByte), ("1e", 2, .endsTooEarly), ("1e+", 3, .endsTooEarly),
            ("1e+-1", 3, .unexpectedByte), ("0x10", 1, .trailingBytes), ("1_0", 1, .trailingBytes),
            ("[", 1, .endsTooEarly), ("[1", 2, .endsTooEarly), ("[1 2]", 3, .unexpectedByte),
            ("[1,]", 3, .unexpectedByte), ("[,1]", 1, .unexpectedByte),
            ("[1,,2]", 3, .unexpectedByte),
            ("[}", 1, .unexpectedByte), ("]", 0, .unexpectedByte), ("{", 1, .endsTooEarly),
            ("{1:2}", 1, .unexpectedByte), (#"{"a"}"#, 4, .unexpectedByte),
            (#"{"a" 1}"#, 5, .unexpectedByte), (#"{"a":}"#, 5, .unexpectedByte),
            (#"{"a":1,}"#, 7, .unexpectedByte), (#"{,"a":1}"#, 1, .unexpectedByte),
            (#"{"a":1 "b":2}"#, 7, .unexpectedByte), (#"{"a":1]"#, 6, .unexpectedByte),
            (#"{'a':1}"#, 1, .unexpectedByte), (#"""#, 1, .endsTooEarly),
            (#""a"#, 2, .endsTooEarly),
            (#""\"#, 2, .endsTooEarly), (#""\x""#, 2, .unknownEscape),
            (#""\u12g4""#, 5, .unknownEscape),
            (#""\u12"#, 5, .endsTooEarly), ("\"a\nb\"", 2, .controlCharacter),
            ("\"\0\"", 1, .controlCharacter), ("\"\u{1F}\"", 1, .controlCharacter),
            (#""\ud800""#, 1, .loneSurrogate), (#""a\udfff""#, 2, .loneSurrogate),
            (#""\ud800\n""#, 1, .loneSurrogate), (#""\ud800\ud800""#, 1, .loneSurrogate),
            (#""\ud800\u0041""#, 1, .loneSurrogate), (#""\udc00\ud800""#, 1, .loneSurrogate),
            (#""\ud800\"#, 8, .endsTooEarly), (#""\ud800x""#, 1, .loneSurrogate),
        ] as [(String, Int, JSONError.Reason)])
    func invalid(text: String, offset: Int, reason: JSONError.Reason) {
        #expect(throws: JSONError(offset: offset, reason: reason)) {
            try JSONScanner.document(Array(text.utf8).span)
        }
    }

    @Test(
        "bytes that are no UTF-8 are refused, wherever their string stands",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xC2, 0xC0],
            [0xE0, 0x9F, 0xBF], [0xE0, 0xA0], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
            [0xF0, 0x9F, 0x98, 0x41], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE],
            [0xFF],
        ] as [[UInt8]])
    func invalidUTF8(character: [UInt8]) {
        let value = Array(#"["a"#.utf8) + character + Array(#"b"]"#.utf8)
        let name = Array(#"{"a"#.utf8) + character + Array(#"b":1}"#.utf8)
        let end = Array(#"["a"#.utf8) + character
        for text in [value, name, end] {
            #expect(throws: JSONError(offset: 3, reason: .invalidUTF8)) {
                try JSONScanner.document(text.span)
            }
        }
    }

    @Test("every Unicode scalar may stand in a string")
    func allScalars() throws {
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 7) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "\"\(scalar)\""
            let bytes = Array(text.utf8)
            let string = try JSONScanner.document(bytes.span).string(in: bytes)
            try #require(string?.unicodeScalars.elementsEqual([scalar]) == true)
        }
    }

    @Test("64 levels of nesting are taken, and one more is refused where it begins")
    func nesting() throws {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let deepest = String(repeating: open, count: 64)
            let taken = deepest.dropLast(open == "[" ? 0 : 5) + (open == "[" ? "" : "{")
            _ = try JSONScanner.document(
                Array((taken + String(repeating: close, count: 64)).utf8).span)
            let refused = deepest + open + String(repeating: close, count: 65)
            #expect(throws: JSONError(offset: deepest.utf8.count, reason: .tooDeep)) {
                try JSONScanner.document(Array(refused.utf8).span)
            }
        }
        let endless = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError(offset: 64, reason: .tooDeep)) {
            try JSONScanner.document(endless.span)
        }
        let wide = Array(("[" + String(repeating: "[],", count: 1000) + "[]]").utf8)
        #expect(try JSONScanner.document(wide.span).kind == .array)
    }
}

private func readable(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
}
