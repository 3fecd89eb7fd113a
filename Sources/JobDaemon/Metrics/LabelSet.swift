import JobQueue

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

/// The values of the label `type`: the types and the families of types that have a handler, and `other`.
struct TypeLabels: Sendable {
    private let labels: LabelSet<JobTypePattern>
    /// The longest beginning first, as handlers are chosen.
    private let families: [(pattern: JobTypePattern, index: Int)]

    init(_ patterns: [JobTypePattern]) {
        let labels = LabelSet(patterns)
        self.labels = labels
        families = Set(patterns).filter(\.isPrefix).map { ($0, labels.index(of: $0)) }
            .sorted { $0.pattern.stem.utf8.count > $1.pattern.stem.utf8.count }
    }

    var values: [String] { labels.values }
    var names: [JobTypePattern] { labels.names }
    var rest: Int { labels.rest }

    func index(of type: JobType) -> Int {
        let index = labels.index(of: JobTypePattern(type))
        if index != labels.rest || families.isEmpty { return index }
        return families.first { $0.pattern.takes(type) }?.index ?? labels.rest
    }
}
