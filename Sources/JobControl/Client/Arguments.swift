/// A command line taken apart: flags in any order and place, and the words between them.
package struct Arguments: Equatable, Sendable {
    /// Which flags there are, without their `--`.
    package struct Flags: Sendable {
        package var withValue: [String]
        package var plain: [String]

        package init(withValue: [String], plain: [String]) {
            self.withValue = withValue
            self.plain = plain
        }
    }

    /// What is no flag, in order.
    package private(set) var words: [String] = []
    /// Flags that were given with a value.
    package private(set) var values: [String: String] = [:]
    /// Flags that were given without.
    package private(set) var plain: Set<String> = []

    /// Takes `given` apart, which is without the program's name. `--flag=value` and `--flag value`
    /// are the same; after `--` everything is a word.
    package init(_ given: [String], flags: Flags) throws(UsageError) {
        var rest = given[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                words += rest
                return
            }
            if argument == "-h" {
                plain.insert("help")
            } else if argument.hasPrefix("--") {
                try add(argument, &rest, flags)
            } else if argument.hasPrefix("-") && argument != "-" {
                throw UsageError("there is no flag \(argument)")
            } else {
                words.append(argument)
            }
        }
    }

    /// The flags that were given, sorted.
    package var givenFlags: [String] { plain.union(values.keys).sorted() }

    private mutating func add(
        _ argument: String, _ rest: inout ArraySlice<String>, _ flags: Flags
    ) throws(UsageError) {
        let parts = argument.dropFirst(2).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let attached = parts.count > 1 ? String(parts[1]) : nil
        if flags.plain.contains(name) {
            guard attached == nil else { throw UsageError("--\(name) takes no value") }
            plain.insert(name)
        } else if flags.withValue.contains(name) {
            let value: String
            if let attached { value = attached } else { value = try Self.value(of: name, &rest) }
            guard values.updateValue(value, forKey: name) == nil else {
                throw UsageError("--\(name) is given twice")
            }
        } else {
            let known = (flags.plain + flags.withValue).map { "--\($0)" }
            let hint = Suggestion.text(for: "--\(name)", among: known)
            throw UsageError("there is no flag --\(name)\(hint)")
        }
    }

    /// The word after a flag. One that looks like a flag is most likely that, and the value forgotten.
    private static func value(
        of name: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> String {
        guard let next = rest.first, !next.hasPrefix("--") else {
            throw UsageError("--\(name) needs a value")
        }
        return rest.removeFirst()
    }
}
