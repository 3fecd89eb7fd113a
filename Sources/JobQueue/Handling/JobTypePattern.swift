/// The types that a handler takes: one, or all that begin with the same characters.
public struct JobTypePattern: Hashable, Sendable, CustomStringConvertible {
    /// The type itself, or what all of its types begin with; empty: every type.
    package let stem: String
    /// Whether more characters may follow the stem.
    package let isPrefix: Bool

    /// - Parameter text: A type's name, or the beginning of one and a star: `email:welcome`,
    ///   `report:*`, `*`.
    /// - Returns: `nil` when `text` is neither.
    public init?(_ text: some StringProtocol) {
        isPrefix = text.hasSuffix("*")
        stem = String(isPrefix ? text.dropLast() : text[...])
        guard JobType(stem) != nil || (isPrefix && stem.isEmpty) else { return nil }
    }

    /// The pattern that takes `type` alone.
    package init(_ type: JobType) {
        isPrefix = false
        stem = type.description
    }

    /// As it stands in a configuration.
    public var description: String { isPrefix ? stem + "*" : stem }

    /// Whether jobs of `type` are the handler's.
    package func takes(_ type: JobType) -> Bool {
        isPrefix ? type.description.utf8.starts(with: stem.utf8) : type.description == stem
    }
}
