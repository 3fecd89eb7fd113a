import Glibc
import LinuxSystem

/// What a command's end is told as: with what it may come from, where the rules of the service or of its
/// handler file end programs in this way.
enum EndHint {
    /// - Parameters:
    ///   - suffix: stands behind the end, before the hint.
    ///   - deniesWriteExecute: whether the service has `MemoryDenyWriteExecute=`.
    static func text(
        of end: ProcessEnd, suffix: String = "",
        deniesWriteExecute: @autoclosure () -> Bool = ProcessRules.denyWriteExecute
    ) -> String {
        "\(end)\(suffix)" + (hint(end, deniesWriteExecute).map { " (\($0))" } ?? "")
    }

    private static func hint(_ end: ProcessEnd, _ deniesWriteExecute: () -> Bool) -> String? {
        guard case .killed(let signal) = end else { return nil }
        switch signal {
        case SIGTRAP, SIGSEGV, SIGILL:
            guard deniesWriteExecute() else { return nil }
            return "perhaps because the service forbids code that is made at run time: "
                + "MemoryDenyWriteExecute="
        case SIGSYS:
            return "perhaps because the service forbids a system call: SystemCallFilter="
        case SIGXCPU: return "its processor time is used up: LimitCPU="
        default: return nil
        }
    }
}
