/// The values that one label may take: those known from the start, and `other` for all the rest, so
/// that no producer can make the number of series grow.
struct LabelSet<Name: Hashable & Sendable & CustomStringConvertible>: Sendable {
    /// Sorted, `other` last. Their positions are the indexes that `index(of:)` gives.
    let values: [String]
    private let indexes: [Name: Int]

    init(_ names: [Name]) {
        // A name that is "other" shares the series of the rest.
        let known = Set(names).filter { $0.description != Self.other }
            .sorted { $0.description < $1.description }
        values = known.map(\.description) + [Self.other]
        indexes = Dictionary(uniqueKeysWithValues: zip(known, known.indices))
    }

    /// Without `other`.
    var names: [Name] { Array(indexes.keys) }

    /// The position of `other`.
    var rest: Int { values.count - 1 }

    func index(of name: Name) -> Int { indexes[name] ?? rest }

    private static var other: String { "other" }
}
