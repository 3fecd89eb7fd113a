import Foundation

/// What the handlers of the tests' daemon leave behind: `S id attempt` when an attempt starts that was
/// asked to say so, `X id attempt` when it is about to succeed.
package final class EffectFile: Sendable {
    package let path: String
    private let directory: TemporaryDirectory

    package init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("effects")
    }

    /// The ids of the attempts that started, in order, as often as they did.
    package var started: [String] { ids(marked: "S") }

    /// The ids of the jobs that ran to their end, in order, as often as they did.
    package var ended: [String] { ids(marked: "X") }

    /// Everything, in order.
    package var lines: [String] {
        // Nothing was left behind yet: there is no file.
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    private func ids(marked mark: Substring) -> [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 3 && words[0] == mark ? String(words[1]) : nil
        }
    }
}
