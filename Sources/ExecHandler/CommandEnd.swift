import JobQueue
import LinuxSystem

/// A command did not do its job: it is tried again.
package struct CommandFailure: Error, Equatable, CustomStringConvertible {
    /// How it ended, and the last that it said.
    package let description: String

    /// - Parameter lastLines: What it said last; empty: nothing.
    init(_ reason: String, _ lastLines: String) {
        self.init(description: Self.text(reason, lastLines))
    }

    init(description: String) { self.description = description }

    static func text(_ reason: String, _ lastLines: String) -> String {
        ErrorText.clipped(lastLines.isEmpty ? reason : "\(reason): \(lastLines)")
    }
}

extension CommandDefinition {
    /// Returns when the job is done; throws `SkipRetry` where trying again cannot help, and
    /// `CommandFailure` else.
    func judge(_ end: ProcessEnd, lastLines: String) throws {
        let reason: String
        var isDead = false
        switch end {
        case .exited(0): return
        case .exited(let number):
            let status = UInt8(truncatingIfNeeded: number)
            if successStatuses.contains(status) { return }
            isDead = deadStatuses.contains(status)
            reason = "exit \(number)"
        case .killed:
            reason = EndHint.text(of: end)
        }
        if isDead { throw SkipRetry(CommandFailure.text(reason, lastLines)) }
        throw CommandFailure(reason, lastLines)
    }
}
