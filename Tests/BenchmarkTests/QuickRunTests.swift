import Foundation
import TestSupport
import Testing

@Suite("The benchmark")
struct QuickRunTests {
    /// A row of its JSON, as far as it is looked at here.
    private struct Report: Decodable {
        struct Row: Decodable {
            let measurement: String
            let name: String
            let value: Double
        }
        let rows: [Row]
    }

    @Test("a quick run measures all that the help lists")
    func quickRun() async throws {
        let help = try await output(of: ["--help"])
        let listed = help.drop { $0 != "measurements:" }.dropFirst()
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(listed.contains("drain"))

        let json = try await output(of: ["--quick", "--json"])
        let report = try JSONDecoder().decode(
            Report.self, from: Data(json.joined(separator: "\n").utf8))
        #expect(Set(report.rows.map(\.measurement)) == Set(listed))
        for row in report.rows where row.name != "at rest, processor" {
            #expect(row.value > 0, "\(row.measurement): \(row.name)")
        }
    }

    @Test("a table has a line for each row of the measurement that is asked for, and of no other")
    func onlyOne() async throws {
        let lines = try await output(of: ["--quick", "--only", "memory"])
        #expect(lines.contains("Redis's memory"))
        #expect(lines.contains { $0.hasPrefix("  a pending job, over its record") })
        #expect(!lines.contains { $0.hasPrefix("  concurrency") })
    }

    @Test("a measurement that there is not is refused, and those that there are are named")
    func unknownMeasurement() async throws {
        let bench = try ChildProcess(product: "jobqueue-bench", ["--only", "speed"])
        #expect(try await bench.waitForEndOfOutput() == .exited(1))
        #expect(bench.standardError.contains { $0.contains("enqueue, drain, ") })
    }

    private func output(of arguments: [String]) async throws -> [String] {
        let bench = try ChildProcess(product: "jobqueue-bench", arguments)
        let status = try await bench.waitForEndOfOutput(within: .seconds(120))
        guard status == .exited(0) else {
            throw TestSupportError("jobqueue-bench \(arguments): \(bench.standardError)")
        }
        return bench.standardOutput
    }
}
