import Foundation
import FuzzTargets
import Testing

@Suite struct KeptInputsTests {
    @Test("what is tried first breaks no promise", arguments: FuzzTargets.all.keys.sorted())
    func seeds(name: String) async throws {
        let type = try #require(FuzzTargets.all[name])
        let target = try await type.init()
        for (number, seed) in type.seeds.enumerated() {
            await #expect(throws: Never.self, "seed \(number)") { try await target.run(seed) }
        }
    }

    @Test("an input that once broke a promise breaks it no more", arguments: try keptInputs())
    func kept(file: String) async throws {
        let name = try #require(FuzzTargets.all.keys.first { file.hasPrefix("\($0)-") })
        let target = try await #require(FuzzTargets.all[name]).init()
        let url = directory.appendingPathComponent(file)
        try await target.run(Array(Data(contentsOf: url)))
    }
}

/// Where the fuzzers leave what they find.
private let directory = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz/Crashes")

private func keptInputs() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .filter { !$0.hasSuffix(".md") }.sorted()
}
