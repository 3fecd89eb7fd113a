/// The addresses of one name, and with which of them the next try begins.
struct AddressRound: Equatable {
    private var hosts: [String] = []
    private var first: String?

    var isEmpty: Bool { hosts.isEmpty }

    /// What a look-up brought. Nothing: what was known stays.
    mutating func know(_ found: [String]) {
        guard !found.isEmpty else { return }
        hosts = []
        for host in found where !hosts.contains(host) { hosts.append(host) }
    }

    /// The addresses to try now, one after the other, and how long each may take: all of them within
    /// `limit`, but those for which no time would be left, which are the first of the next round. Each round
    /// begins with another address.
    mutating func next(within limit: Duration) -> (hosts: [String], limit: Duration) {
        let start = first.flatMap { hosts.firstIndex(of: $0) } ?? 0
        let turned = Array(hosts[start...] + hosts[..<start])
        let fitting = Int(min(limit / Self.shortest, Double(Self.most)))
        let round = Array(turned.prefix(max(1, fitting)))
        first = round.count < turned.count ? turned[round.count] : turned.dropFirst().first
        return (round, limit / max(1, round.count))
    }

    /// A connection was made: the next try begins there.
    mutating func worked(_ host: String) { first = host }

    /// A shorter time would give up hosts that are only far away.
    private static let shortest = Duration.milliseconds(500)
    private static let most = 16
}
