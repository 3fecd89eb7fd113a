import Glibc
import LinuxSystem
import Testing

@testable import ExecHandler

@Suite("What a command's end may come from")
struct EndHintTests {
    @Test("where memory cannot be written and executed it is named as what may have been the cause")
    func denied() {
        for signal in [SIGTRAP, SIGSEGV, SIGILL] {
            let end = ProcessEnd.killed(signal: signal)
            #expect(
                EndHint.text(of: end, deniesWriteExecute: true)
                    == "\(end) (perhaps because the service forbids code that is made at run time: "
                    + "MemoryDenyWriteExecute=)")
            #expect(EndHint.text(of: end, deniesWriteExecute: false) == "\(end)")
        }
        #expect(
            EndHint.text(of: .killed(signal: SIGKILL), suffix: " so", deniesWriteExecute: true)
                == "killed by SIGKILL so")
        #expect(EndHint.text(of: .exited(1), deniesWriteExecute: true) == "exited with status 1")
    }

    @Test("a limit of processor time and a forbidden system call are named")
    func others() {
        #expect(EndHint.text(of: .killed(signal: SIGXCPU)).hasSuffix("LimitCPU=)"))
        #expect(EndHint.text(of: .killed(signal: SIGSYS)).hasSuffix("SystemCallFilter=)"))
    }
}
