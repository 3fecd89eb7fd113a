import Testing

@testable import Redis

@Suite("The addresses of one name")
struct AddressRoundTests {
    private func round(_ hosts: [String]) -> AddressRound {
        var round = AddressRound()
        round.know(hosts)
        return round
    }

    @Test("all share the time, and each round begins with another one")
    func turns() {
        var round = round(["a", "b", "c"])
        var firsts: [String] = []
        for _ in 0..<3 {
            let next = round.next(within: .seconds(6))
            #expect(Set(next.hosts) == ["a", "b", "c"])
            #expect(next.limit == .seconds(2))
            firsts.append(next.hosts[0])
        }
        #expect(firsts == ["a", "b", "c"])
    }

    @Test("where the time is short for all, the rest come next")
    func rest() {
        var round = round(["a", "b", "c", "d", "e"])
        #expect(round.next(within: .seconds(1)).hosts == ["a", "b"])
        #expect(round.next(within: .seconds(1)).hosts == ["c", "d"])
        #expect(round.next(within: .seconds(1)).hosts == ["e", "a"])
        #expect(round.next(within: .zero).hosts.count == 1)
    }

    @Test("the one that worked is the next first, also after a new look-up")
    func worked() {
        var round = round(["a", "b", "c"])
        round.worked("b")
        #expect(round.next(within: .seconds(6)).hosts == ["b", "c", "a"])
        round.worked("b")
        round.know(["c", "b", "b"])
        #expect(round.next(within: .seconds(6)).hosts == ["b", "c"])
        round.worked("a")
        #expect(round.next(within: .seconds(6)).hosts == ["c", "b"])
        round.know([])
        #expect(!round.isEmpty)
    }
}
