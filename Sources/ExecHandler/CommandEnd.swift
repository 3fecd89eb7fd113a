import JobQueue
import LinuxSystem

/// A command did not do its job: it is tried again.
package struct CommandFailure: Error, Equatable, CustomStringConvertible {
    /// How it ended, and the last that it said.
    package let description: String
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
            reason = end.description
        }
        let text = ErrorText.clipped(lastLines.isEmpty ? reason : "\(reason): \(lastLines)")
        if isDead { throw SkipRetry(text) }
        throw CommandFailure(description: text)
    }
}
