import Testing

@testable import JobControl

@Suite("Did you mean")
struct SuggestionTests {
    private let known = ["stats", "show", "pause", "requeue", "resume", "queues", "dead"]

    @Test(
        "a slip or two are mended",
        arguments: [
            ("stat", "stats"), ("sttas", "stats"), ("statss", "stats"), ("puase", "pause"),
            ("reqeue", "requeue"), ("resmue", "resume"), ("shwo", "show"), ("daed", "dead"),
            ("queue", "queues"),
        ])
    func near(word: String, meant: String) {
        #expect(Suggestion.closest(to: word, among: known) == meant)
        #expect(Suggestion.text(for: word, among: known) == "; did you mean \(meant)?")
    }

    @Test(
        "what is like nothing gets no guess", arguments: ["", "x", "frobnicate", "de", "sow now"])
    func far(word: String) {
        #expect(Suggestion.closest(to: word, among: known) == nil)
        #expect(Suggestion.text(for: word, among: known).isEmpty)
    }

    @Test("of equally near words the first in order is named")
    func tie() {
        #expect(Suggestion.closest(to: "bats", among: ["hats", "cats"]) == "cats")
    }

    @Test(
        "letters added, dropped, changed and swapped with their neighbour are counted",
        arguments: [
            ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "abc", 3), ("abc", "abxc", 1),
            ("abc", "ac", 1), ("abc", "axc", 1), ("abc", "acb", 1), ("abcd", "badc", 2),
            ("kitten", "sitting", 3), ("ü", "u", 1),
        ])
    func distance(one: String, other: String, slips: Int) {
        #expect(Suggestion.distance(one, other) == slips)
        #expect(Suggestion.distance(other, one) == slips)
    }
}
