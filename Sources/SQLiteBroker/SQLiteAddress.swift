/// Where the embedded broker keeps its jobs: `sqlite:PATH`, or `sqlite::memory:`.
package enum SQLiteAddress: Sendable, Equatable, CustomStringConvertible {
    case file(path: String)
    /// Gone with the process.
    case memory

    /// Whether `text` names a place of this broker, well or not.
    package static func isMeant(by text: String) -> Bool { text.hasPrefix(prefix) }

    /// Reads an address as an administrator writes it. `nil`: no path follows `sqlite:`.
    package init?(parsing text: String) {
        guard Self.isMeant(by: text) else { return nil }
        let path = String(text.dropFirst(Self.prefix.count))
        guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
        self = path == ":memory:" ? .memory : .file(path: path)
    }

    package var description: String { Self.prefix + path }

    var path: String {
        switch self {
        case .file(let path): path
        case .memory: ":memory:"
        }
    }

    private static let prefix = "sqlite:"
}
