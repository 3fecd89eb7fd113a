import Foundation
import TestSupport
import Testing

@Suite("The units")
struct UnitTests {
    @Test(
        "are exposed to attacks no more than 2.0 of 10, as systemd-analyze counts",
        arguments: ["jobqueued.service", "jobqueued@.service", "jobqueue-enqueue@.service"])
    func exposure(unit: String) async throws {
        let (lines, errors, status) = try await output(
            of: "/usr/bin/systemd-analyze",
            [
                "security", "--offline=yes", "--no-pager", "--threshold=20",
                PackageFile.path("systemd/\(unit)"),
            ])
        #expect(status == .exited(0), "\(lines.last ?? "") \(errors)")
    }

    @Test("of instances say what the one without a name says, but for their own places")
    func instances() throws {
        let alone = try settings("jobqueued.service")
        let instance = try settings("jobqueued@.service")
        let names = [
            "Description", "ExecStart", "EnvironmentFile", "RuntimeDirectory", "StateDirectory",
        ]
        func rest(_ lines: [String]) -> [String] {
            lines.filter { line in !names.contains { line.hasPrefix("\($0)=") } }
        }
        #expect(rest(instance) == rest(alone))
        for name in names {
            let line = try #require(instance.first { $0.hasPrefix("\(name)=") })
            #expect(line.contains("%i"), "\(line)")
        }
    }

    @Test("let a stop take longer than a drain and the grace after it")
    func stopTime() throws {
        // 30 s and 10 s by default.
        #expect(try settings("jobqueued.service").contains("TimeoutStopSec=60"))
    }

    /// The lines that are no comments.
    private func settings(_ unit: String) throws -> [String] {
        try PackageFile.text("systemd/\(unit)").split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") }
    }
}
