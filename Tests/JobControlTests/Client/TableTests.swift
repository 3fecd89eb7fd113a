import Testing

@testable import JobControl

@Suite("Tables for people")
struct TableTests {
    private let plain = Palette(hasColours: false)

    @Test("columns are as wide as they must be, numbers to the right, no line ends in spaces")
    func aligned() {
        var table = Table([("NAME", .left), ("COUNT", .right), ("", .left)])
        table.add(["a", Table.Cell(1_234_567), "paused"])
        table.add(["a longer one", Table.Cell(-7), ""])
        table.add(["", Table.Cell(0), ""])
        #expect(
            table.text(plain) == """
                NAME              COUNT
                a             1,234,567  paused
                a longer one         -7
                                      0

                """)
    }

    @Test("a table without rows is its titles")
    func empty() {
        #expect(Table([("A", .left), ("B", .right)]).text(plain) == "A  B\n")
    }

    @Test("foreign text cannot break out of its cell")
    func foreign() {
        var table = Table([("A", .left), ("B", .left)])
        table.add([Table.Cell("x\ny\u{1B}[2J"), "z"])
        table.add(["", ""])
        #expect(table.text(plain) == "A              B\nx\\ny\\u{1b}[2J  z\n\n")
    }

    @Test("colours do not count for the width, and stand around the text alone")
    func colours() {
        var table = Table([("A", .left), ("N", .right)])
        table.add([Table.Cell("x", .red), Table.Cell(5, .plain)])
        #expect(
            table.text(Palette(hasColours: true))
                == "\u{1B}[1mA\u{1B}[0m  \u{1B}[1mN\u{1B}[0m\n\u{1B}[31mx\u{1B}[0m  5\n")
    }

    @Test(
        "colours are for a terminal that wants them",
        arguments: [
            (true, [:], true), (true, ["TERM": "xterm"], true), (false, [:], false),
            (true, ["TERM": "dumb"], false), (true, ["NO_COLOR": "1"], false),
            (true, ["NO_COLOR": ""], true), (false, ["TERM": "xterm"], false),
        ] as [(Bool, [String: String], Bool)])
    func palette(isTerminal: Bool, environment: [String: String], hasColours: Bool) {
        #expect(
            Palette(isTerminal: isTerminal, environment: environment)
                == Palette(hasColours: hasColours))
    }

    @Test(
        "numbers have their thousands set apart",
        arguments: [
            (0, "0"), (999, "999"), (1_000, "1,000"), (-1_000, "-1,000"), (-999, "-999"),
            (1_234_567, "1,234,567"), (.max, "9,223,372,036,854,775,807"),
            (.min, "-9,223,372,036,854,775,808"),
        ] as [(Int, String)])
    func numbers(number: Int, text: String) {
        #expect(ReadableNumber.text(number) == text)
    }

    @Test("things are counted in singular and plural")
    func things() {
        #expect(ReadableNumber.text(1, "job") == "1 job")
        #expect(ReadableNumber.text(0, "job") == "0 jobs")
        #expect(ReadableNumber.text(1_234, "job") == "1,234 jobs")
    }

    @Test(
        "the socket is looked for where the environment says, else where the service has it",
        arguments: [
            ([:], "/run/jobqueued/control.sock"),
            (["JQ_CONTROL": ""], "/run/jobqueued/control.sock"),
            (["RUNTIME_DIRECTORY": ""], "/run/jobqueued/control.sock"),
            (["RUNTIME_DIRECTORY": "/run/a"], "/run/a/control.sock"),
            (["RUNTIME_DIRECTORY": "/run/a:/run/b"], "/run/a/control.sock"),
            (["RUNTIME_DIRECTORY": "/run/shop:/run/a"], "/run/a/control.sock"),
            // Any other service has such a directory as well.
            (["RUNTIME_DIRECTORY": "/run/shop"], "/run/jobqueued/control.sock"),
            (["RUNTIME_DIRECTORY": "/run/a", "JQ_CONTROL": "/x.sock"], "/x.sock"),
        ] as [([String: String], String)])
    func socketPath(environment: [String: String], path: String) {
        let sockets = ["/run/a/control.sock", "/run/b/control.sock"]
        #expect(
            SocketPath.standard(environment: environment) { sockets.contains($0) } == path)
    }

    @Test("an instance has a socket of its own, and its unit is named where it does not answer")
    func instance() {
        #expect(SocketPath.ofInstance("reports") == "/run/jobqueued-reports/control.sock")
        for name in ["", "a/b", "..", "/"] { #expect(SocketPath.ofInstance(name) == nil) }
        #expect(SocketPath.unit(of: "/run/jobqueued-reports/control.sock") == "jobqueued@reports")
        #expect(SocketPath.unit(of: "/run/jobqueued/control.sock") == "jobqueued")
        #expect(SocketPath.unit(of: "/tmp/control.sock") == "jobqueued")
    }

    @Test("a table that is wider than the terminal is cut, and no colour goes on behind the cut")
    func width() {
        var table = Table([("ID", .left), ("N", .right), ("ERROR", .left)])
        table.add([Table.Cell("job-1"), Table.Cell(7, .red), Table.Cell("日本語のエラー", .red)])
        let plain = Palette(hasColours: false)
        #expect(table.text(plain, width: 16) == "ID     N  ERROR\njob-1  7  日本…\n")
        #expect(table.text(plain, width: 80) == table.text(plain))
        let coloured = table.text(Palette(hasColours: true), width: 9)
        #expect(coloured.contains("job-1  \u{1B}[31m7\u{1B}[0m…"))
        table.leaveOut("N")
        #expect(table.text(plain) == "ID     ERROR\njob-1  日本語のエラー\n")
        #expect(table.widthBeforeLast == 7)
    }

    @Test(
        "a line is cut to the columns there are, its colours ended",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abc", 1, "…"), ("abc", 0, ""), ("", 5, ""),
            ("日本", 4, "日本"), ("日本", 3, "日…"),
            ("a\u{1B}[31mbcd\u{1B}[0m", 3, "a\u{1B}[31mb…\u{1B}[0m"),
        ] as [(String, Int, String)])
    func cut(line: String, columns: Int, text: String) {
        #expect(TerminalText.cut(line, to: columns) == text)
    }
}
