import Testing

@testable import RedisBroker

@Suite("The tokens that a worker holds")
struct HeldTokensTests {
    @Test("a token is held from its claim until its finish is answered")
    func comesAndGoes() {
        var held = HeldTokens()
        #expect(!held.contains(1))
        held.insert(from: 1, count: 3)
        held.remove([2])
        #expect((0...4).map { held.contains($0) } == [false, true, false, true, false])
        held.remove([1, 3])
        #expect(!(0...4).contains { held.contains($0) })
    }

    @Test("a claim may be of any size", arguments: [1, 63, 64, 65, 500, 512, 513, 2_000])
    func size(count: Int) {
        var held = HeldTokens()
        held.insert(from: 10, count: count)
        let last = 9 + UInt64(count)
        #expect((10...last).allSatisfy { held.contains($0) })
        #expect(!held.contains(9))
        #expect(!held.contains(last + 1))
        held.remove(Array(10...last))
        #expect(!(10...last).contains { held.contains($0) })
    }

    @Test("one that comes back between those of a claim does not hide them")
    func between() {
        var held = HeldTokens()
        held.insert(from: 1, count: 500)
        held.remove([100])
        held.insert(from: 100, count: 1)
        #expect((1...500).allSatisfy { held.contains($0) })
        held.remove([100, 101])
        #expect(!held.contains(100))
        #expect(!held.contains(101))
        #expect(held.contains(102))
    }

    @Test("it holds what a set of the same numbers holds, whatever comes and goes")
    func likeASet() {
        var random = SystemRandomNumberGenerator()
        var held = HeldTokens()
        var expected: Set<UInt64> = []
        var next: UInt64 = 1
        for _ in 0..<2_000 {
            if Bool.random(using: &random) {
                let count = Int.random(in: 1...40, using: &random)
                // Of what was asked for not all may come.
                held.insert(from: next, count: count)
                expected.formUnion(next..<next + UInt64(count))
                next += UInt64(count) + UInt64.random(in: 0...700, using: &random)
            } else {
                let gone = expected.shuffled(using: &random).prefix(30)
                held.remove(Array(gone))
                expected.subtract(gone)
            }
        }
        let probes = (0..<20_000).map { _ in UInt64.random(in: 0...next, using: &random) }
        #expect(probes.allSatisfy { held.contains($0) == expected.contains($0) })
        #expect(expected.allSatisfy { held.contains($0) })
    }

    @Test("numbers at the far end do no harm")
    func farEnd() {
        var held = HeldTokens()
        held.insert(from: .max, count: 1)
        #expect(held.contains(.max))
        #expect(!held.contains(0))
        held.remove([0, .max])
        #expect(!held.contains(.max))
    }
}
