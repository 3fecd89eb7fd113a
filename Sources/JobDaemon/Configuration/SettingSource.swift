/// Where the value of a setting comes from.
package enum SettingSource: Sendable, Hashable, CustomStringConvertible {
    /// Nobody has set it.
    case builtIn
    /// `line` is counted from 1; `nil`: the file as a whole.
    case file(path: String, line: Int?)
    /// A variable's name.
    case environment(String)
    case flag(String)

    package var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, let line?): "\(path):\(line)"
        case .file(let path, nil): path
        case .environment(let name), .flag(let name): name
        }
    }
}
