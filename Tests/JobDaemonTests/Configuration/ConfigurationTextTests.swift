import Testing

@testable import JobDaemon

@Suite("The text of a configuration file")
struct ConfigurationTextTests {
    /// Each entry as `LINE SECTION KEY=VALUE`, each error as its line.
    private func read(_ text: String) -> (entries: [String], errors: [Int]) {
        let text = ConfigurationText(parsing: text)
        return (
            text.entries.map { "\($0.line) \($0.section) \($0.key)=\($0.value)" },
            text.errors.map(\.line)
        )
    }

    @Test(
        "is sections, names and values, each with its line",
        arguments: [
            ("", []),
            ("[A]\nX=1\n", ["2 A X=1"]),
            ("[A]\nX=1", ["2 A X=1"]),
            ("\u{FEFF}[A]\r\nX=1\r\n\r\nY=2\r\n", ["2 A X=1", "4 A Y=2"]),
            ("  [A]  \n\t X \t=\t 1  2 \n", ["2 A X=1  2"]),
            (
                "[Queue critical]\nWeight=6\n[Queue low]\nWeight=6",
                [
                    "2 Queue critical Weight=6", "4 Queue low Weight=6",
                ]
            ),
            ("# c\n; d\n[A]\n  # e\nX=1\n", ["5 A X=1"]),
            // What is a comment elsewhere is part of a value.
            ("[A]\nX=a#b ; c", ["2 A X=a#b ; c"]),
            ("[A]\nX=\"a\" \"b\"", ["2 A X=\"a\" \"b\""]),
            ("[A]\nX=\nY=a=b=", ["2 A X=", "3 A Y=a=b="]),
            ("[A]\nX=1\nX=2\n[B]\nX=3\n[A]\nX=4", ["2 A X=1", "3 A X=2", "5 B X=3", "7 A X=4"]),
            ("[A]\nX=a \\\n  b \\\n# c\nc\nY=1", ["2 A X=a  b  c", "6 A Y=1"]),
        ] as [(String, [String])])
    func good(text: String, entries: [String]) {
        let (found, errors) = read(text)
        #expect(found == entries)
        #expect(errors.isEmpty)
    }

    @Test(
        "of which every line that is none of these is an error, and the others count",
        arguments: [
            ("X=1\n[A]\nX=2", ["3 A X=2"], [1]),
            ("[A]\nnothing\n=1\nX=1\na b=1\nÄ=1", ["4 A X=1"], [2, 3, 5, 6]),
            ("[A\nX=1\n[B]\nX=2", ["4 B X=2"], [1]),
            ("[]\n[ ]\n[A] x\n[A]]\nX=1", [], [1, 2, 3, 4]),
            ("[A]\nX=1\\", [], [2]),
        ] as [(String, [String], [Int])])
    func bad(text: String, entries: [String], errors: [Int]) {
        let found = read(text)
        #expect(found.entries == entries)
        #expect(found.errors == errors)
    }

    @Test("an address with a password on a line of its own is not repeated")
    func password() {
        let errors = ConfigurationText(parsing: "[A]\nAddr redis://u:s3cr3t@h\n").errors
        #expect(errors.count == 1)
        #expect(errors.first?.message.contains("s3cr3t") == false)
    }

    @Test("bytes of any kind are read to their end")
    func anything() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("[]=#;\\ \n\r\tAé\"'")
        for _ in 0..<2000 {
            let text = String(
                (0..<60).compactMap { _ in alphabet.randomElement(using: &generator) })
            let lines = text.count { $0 == "\n" || $0 == "\r\n" } + 1
            let read = ConfigurationText(parsing: text)
            #expect(read.entries.allSatisfy { (1...lines).contains($0.line) }, "\(text)")
            #expect(read.errors.allSatisfy { (1...lines).contains($0.line) }, "\(text)")
        }
    }
}
