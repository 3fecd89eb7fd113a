import JobControl
import Testing

@Suite("Taking a command line apart")
struct ArgumentsTests {
    private let flags = Arguments.Flags(withValue: ["queue", "delay"], plain: ["json", "help"])

    private func parse(_ line: String) throws -> Arguments {
        try Arguments(line.split(separator: " ").map(String.init), flags: flags)
    }

    @Test(
        "flags may stand anywhere, and their values behind them or behind an equals sign",
        arguments: [
            "--queue a show x --json", "--json show --queue=a x", "show x --queue a --json",
            "show --json --queue=a -- x", "--json --queue a -- show x",
            "--json --json show x --queue a",
        ])
    func places(line: String) throws {
        let arguments = try parse(line)
        #expect(arguments.words == ["show", "x"])
        #expect(arguments.values == ["queue": "a"])
        #expect(arguments.plain == ["json"])
        #expect(arguments.givenFlags == ["json", "queue"])
    }

    @Test("after two dashes everything is a word")
    func afterDashes() throws {
        let arguments = try parse("a -- --json -x -- --queue")
        #expect(arguments.words == ["a", "--json", "-x", "--", "--queue"])
        #expect(arguments.plain.isEmpty && arguments.values.isEmpty)
    }

    @Test(
        "a value may be anything but another flag",
        arguments: [
            ("--queue=", ""), ("--queue=a=b", "a=b"), ("--queue=--json", "--json"),
            ("--queue -", "-"), ("--queue -5", "-5"),
        ])
    func values(line: String, value: String) throws {
        #expect(try parse(line).values == ["queue": value])
    }

    @Test("one dash is a word, and -h is --help")
    func dash() throws {
        let arguments = try parse("- -h")
        #expect(arguments.words == ["-"] && arguments.plain == ["help"])
    }

    @Test(
        "what makes no sense is told in words",
        arguments: [
            ("--jsn", "there is no flag --jsn; did you mean --json?"),
            ("--qeue a", "there is no flag --qeue; did you mean --queue?"),
            ("--frobnicate", "there is no flag --frobnicate"),
            ("--=x", "there is no flag --"),
            ("-j", "there is no flag -j"), ("-json", "there is no flag -json"),
            ("--json=yes", "--json takes no value"), ("--json=", "--json takes no value"),
            ("--queue", "--queue needs a value"),
            ("--queue --json", "--queue needs a value"), ("--queue --", "--queue needs a value"),
            ("--queue a --queue b", "--queue is given twice"),
            ("--queue=a --queue=a", "--queue is given twice"),
        ])
    func bad(line: String, message: String) {
        #expect(throws: UsageError(message)) { try parse(line) }
    }
}
