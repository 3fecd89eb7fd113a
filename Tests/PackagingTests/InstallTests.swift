import Foundation
import TestSupport
import Testing

@Suite("What a package installs")
struct InstallTests {
    /// The tree of a package, with empty programs.
    private func tree() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.file("programs"), withIntermediateDirectories: true)
        for program in ["jobqueued", "jobqueuectl"] {
            try directory.write("", to: "programs/\(program)")
        }
        let (_, errors, status) = try await output(
            of: "/bin/bash",
            [
                PackageFile.path("packaging/install.sh"), directory.file("programs"),
                directory.file("tree"),
            ])
        #expect(errors == [] && status == .exited(0))
        return directory
    }

    @Test("every link in a document leads to a file that is installed with it")
    func links() async throws {
        let directory = try await tree()
        let documents = directory.file("tree/usr/share/doc/jobqueued")
        let pages = try FileManager.default.subpathsOfDirectory(atPath: documents)
            .filter { $0.hasSuffix(".md") }
        #expect(pages.contains("README.md") && pages.contains("decisions/sqlite.md"))
        var links = 0
        for page in pages {
            let text = try String(contentsOfFile: "\(documents)/\(page)", encoding: .utf8)
            let folder = page.split(separator: "/").dropLast().map { "\($0)/" }.joined()
            for link in text.matches(of: /\]\(([^)#\s,]+)(#[^)]*)?\)/).map(\.output.1)
            where !link.contains("://") {
                links += 1
                #expect(
                    FileManager.default.fileExists(atPath: "\(documents)/\(folder)\(link)"),
                    "\(page): \(link)")
            }
        }
        #expect(links > 80)
    }

    @Test("examples that the documents and the units name are there")
    func examples() async throws {
        let directory = try await tree()
        let examples = directory.file("tree/usr/share/doc/jobqueued/examples")
        for name in [
            "alerts.yml", "alerts.test.yml", "prometheus.yml", "jobqueue.json", "enqueue.lua",
            "io.jobqueue.Control.varlink", "jobqueued-units.rules", "daily-report.conf",
            "drop-ins/sendmail.conf", "drop-ins/own-addresses.conf", "drop-ins/own-groups.conf",
            "drop-ins/compiled-handlers.conf", "drop-ins/own-daemon.conf",
        ] {
            #expect(FileManager.default.fileExists(atPath: "\(examples)/\(name)"), "\(name)")
        }
    }
}
