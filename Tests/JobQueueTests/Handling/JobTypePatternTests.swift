import JobQueue
import Testing

@Suite("Types that a handler takes")
struct JobTypePatternTests {
    @Test(
        "a name takes itself, a beginning with a star all that begin so",
        arguments: [
            ("report:daily", ["report:daily"], ["report:daily2", "report:", "report"]),
            ("report:*", ["report:daily", "report:"], ["report", "reports:x", "a:report:x"]),
            ("*", ["a", "report:daily"], []),
        ])
    func takes(pattern: String, taken: [String], left: [String]) throws {
        let pattern = try #require(JobTypePattern(pattern))
        for type in taken.compactMap({ JobType($0) }) { #expect(pattern.takes(type), "\(type)") }
        for type in left.compactMap({ JobType($0) }) { #expect(!pattern.takes(type), "\(type)") }
    }

    @Test(
        "what is no type and no beginning of one is no pattern",
        arguments: ["", "a b", "**", ":*", "a*b"])
    func refused(text: String) {
        #expect(JobTypePattern(text) == nil)
    }

    @Test("of several handlers that take a type the most particular one has it")
    func precedence() throws {
        var registry = HandlerRegistry()
        for (attempts, text) in ["*", "report:*", "report:daily:*", "report:daily:mail"]
            .enumerated()
        {
            let pattern = try #require(JobTypePattern(text))
            registry.register(
                pattern, options: HandlerOptions(maxAttempts: attempts)
            ) { _, _ in }
        }
        for (name, attempts) in [
            ("other", 0), ("report:weekly", 1), ("report:daily:x", 2), ("report:daily:mail", 3),
        ] {
            let type = try #require(JobType(name))
            let entry = try #require(registry.entry(for: type))
            #expect(entry.options.maxAttempts == attempts, "\(name)")
        }
        #expect(registry.types.map(\.description) == ["report:daily:mail"])
    }
}
