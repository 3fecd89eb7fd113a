import Testing

@testable import JobControl

@Suite("The line of a reason that matters most")
struct FailureSummaryTests {
    @Test(
        "stands first, and then how the command ended",
        arguments: [
            ("boom", "boom"), ("", ""), ("exit 1", "exit 1"), ("exit 1: boom", "exit 1: boom"),
            (
                "exit 1: Traceback (most recent call last): |   File \"x\", line 3 | ValueError: no",
                "ValueError: no (exit 1)"
            ),
            (
                "exit 1: java.lang.X: no address |     at com.example.A |     at com.example.B",
                "java.lang.X: no address (exit 1)"
            ),
            (
                "killed by SIGSEGV: one | two | … | three", "three (killed by SIGSEGV)"
            ),
            (
                "exit 1: /x.js:1 |     throw e | Error: no |     at f | Node.js v20.1.0",
                "Error: no (exit 1)"
            ),
            ("timed out after 30s: a | \\tb", "a (timed out after 30s)"),
            ("told by a handler | in two lines", "in two lines"),
            ("Traceback (most recent call last):\n  File \"x\"\nKeyError: 'a'\n", "KeyError: 'a'"),
            ("not JSON\nat all", "not JSON\nat all"),
            ("exit 1:   a |   b", "  b (exit 1)"),
        ])
    func summary(reason: String, line: String) {
        #expect(FailureSummary.text(of: reason) == line)
    }
}
