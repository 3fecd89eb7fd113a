import Foundation
import JobQueue
import TestSupport
import Testing

/// Against Foundation's reader, which was written by others. Where the two differ, `JSONOddities` must
/// have a reason: Foundation takes deeper nesting, a comma before the end of a list, a byte order
/// mark and other encodings, refuses numbers beyond `Double`, and drops U+FEFF from strings.
@Suite struct JSONScannerFuzzTests {
    static let documentsPerSeed = 15_000

    @Test(
        "takes and refuses the documents that Foundation does", arguments: [1, 2, 3, 4] as [UInt64])
    func agreesOnDocuments(seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        for number in 0..<Self.documentsPerSeed {
            let valid = random.document()
            let bytes = number.isMultiple(of: 3) ? valid : random.damaged(valid)
            let oddities = JSONOddities(of: bytes)
            let ours = try? JSONScanner.document(bytes.span)
            let theirs = foundationValue(bytes)

            let place: Comment = "seed \(seed), document \(number): \(readable(bytes))"
            if oddities.mustBeRefused {
                try #require(ours == nil, place)
            } else if (ours == nil) != (theirs == nil) {
                try #require(ours != nil && oddities.hasHugeNumber, place)
            }
            if let text = ours?.string(in: bytes), !oddities.hasMarkInside {
                try #require(Array(text.utf8) == (theirs as? String).map { Array($0.utf8) }, place)
            }
            if let ours, let integer = Int64(readable(bytes[ours.range])) {
                try #require(ours.integer(in: bytes) == integer, place)
            }
        }
    }

    @Test("finds the payload that Foundation finds", arguments: [5, 6] as [UInt64])
    func agreesOnPayloads(seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        var taken = 0
        for number in 0..<Self.documentsPerSeed {
            let valid = random.envelope([
                ("type", Array(#""t""#.utf8)), ("payload", random.document()),
            ])
            let bytes = number.isMultiple(of: 2) ? valid : random.damaged(valid)
            guard let envelope = try? Envelope(bytes, maxPayload: 10_000) else { continue }
            taken += 1
            let oddities = JSONOddities(of: bytes)
            if oddities.hasHugeNumber || oddities.hasMarkInside { continue }

            let place: Comment = "seed \(seed), document \(number): \(readable(bytes))"
            let whole = try #require(foundationValue(bytes) as? [String: Any], place)
            let payload = try #require(foundationValue(Array(envelope.payload.bytes)), place)
            let expected = NSArray(array: [whole["payload"] ?? NSNull()])
            try #require(NSArray(array: [payload]) == expected, place)
            try #require(envelope.type.description == whole["type"] as? String, place)
        }
        #expect(taken > Self.documentsPerSeed / 2)
    }

    @Test("a document that was cut short anywhere is refused")
    func cutShort() throws {
        var random = RandomJSON(seed: 7)
        for _ in 0..<200 {
            let bytes = random.envelope([
                ("type", Array(#""t""#.utf8)), ("payload", random.document()),
            ])
            let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
            for length in 0..<end {
                let beginning = Array(bytes[..<length])
                #expect(throws: JSONError.self, "\(readable(beginning))") {
                    try JSONScanner.document(beginning.span)
                }
            }
        }
    }

    @Test("bytes at random are refused with a reason")
    func noise() {
        var random = SeededGenerator(seed: 8)
        for number in 0..<5_000 {
            var bytes = Array("{\"".utf8)
            for _ in 0..<random.below(40) {
                bytes.append(UInt8(truncatingIfNeeded: random.next()))
            }
            #expect(throws: EnvelopeError.self, "seed 8, document \(number): \(bytes)") {
                try Envelope(bytes, maxPayload: 1000)
            }
        }
    }
}

private func foundationValue(_ bytes: [UInt8]) -> Any? {
    // Foundation's reasons do not matter here, only whether it has any.
    try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
}

private func readable(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
}
