/// The samples of a page of metrics, by what stands before their value.
struct Samples {
    private var values: [String: String] = [:]
    /// Samples that are there more than once.
    private(set) var repeated: [String] = []

    init(_ page: String) {
        for line in page.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            let value = String(line[line.index(after: space)...])
            if values.updateValue(value, forKey: String(line[..<space])) != nil {
                repeated.append(String(line))
            }
        }
    }

    var keys: Set<String> { Set(values.keys) }

    subscript(key: String) -> String? { values[key] }
}
