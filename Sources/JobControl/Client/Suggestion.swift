/// "Did you mean": the known word that a misspelt one was meant to be.
package enum Suggestion {
    /// What to add to a message about `word`: empty when nothing known is near.
    package static func text(for word: String, among known: [String]) -> String {
        closest(to: word, among: known).map { "; did you mean \($0)?" } ?? ""
    }

    /// The known word that is the fewest slips away, at most 2 and fewer than half of its letters.
    static func closest(to word: String, among known: [String]) -> String? {
        let ranked = known.map { (name: $0, distance: distance(word, $0)) }
        return ranked.filter { $0.distance <= 2 && $0.distance * 2 < $0.name.count }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// How many letters must be added, dropped, changed or swapped with their neighbour.
    static func distance(_ one: String, _ other: String) -> Int {
        let one = Array(one)
        let other = Array(other)
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for row in one.indices {
            var current = [row + 1]
            for column in other.indices {
                let change = last[column] + (one[row] == other[column] ? 0 : 1)
                var best = min(change, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column]
                {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[other.count]
    }
}
