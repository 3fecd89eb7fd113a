import Foundation
import JobQueue
import TestSupport
import Testing

@Suite("The journal's catalogue")
struct CatalogTests {
    @Test("explains every kind of message, and no other")
    func complete() throws {
        let source = try PackageFile.text("Sources/JobQueue/Handling/MessageID.swift")
        let kinds = source.matches(of: /static let \w+ = MessageID\(\s*0x([0-9a-f_]+)\)/)
            .map { String($0.output.1).replacing("_", with: "") }
        #expect(kinds.contains(MessageID.jobDead.description))
        let entries = try PackageFile.text("systemd/jobqueued.catalog")
            .matches(of: /(?m)^-- ([0-9a-f]{32})$/).map { String($0.output.1) }
        #expect(entries.sorted() == kinds.sorted())
    }

    @Test("gives each entry a subject and an explanation")
    func entries() throws {
        let parts = try PackageFile.text("systemd/jobqueued.catalog")
            .components(separatedBy: "\n-- ").dropFirst()
        for part in parts {
            let lines = part.components(separatedBy: "\n")
            #expect(lines.contains { $0.hasPrefix("Subject: ") }, "\(lines[0])")
            #expect(lines.contains("Defined-By: jobqueued"), "\(lines[0])")
            let explanation = lines.drop { !$0.isEmpty }.joined()
            #expect(explanation.count > 40, "\(lines[0])")
        }
    }

    @Test("is read by journalctl")
    func readable() async throws {
        let directory = try TemporaryDirectory()
        let catalog = directory.file("usr/lib/systemd/catalog")
        try FileManager.default.createDirectory(
            atPath: catalog, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: directory.file("var/lib/systemd/catalog"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: PackageFile.path("systemd/jobqueued.catalog"),
            toPath: "\(catalog)/jobqueued.catalog")
        let update = try await output(
            of: "/usr/bin/journalctl", ["--root", directory.path, "--update-catalog"])
        #expect(update.status == .exited(0) && update.errors == [])
        let list = try await output(
            of: "/usr/bin/journalctl", ["--root", directory.path, "--list-catalog"])
        #expect(
            list.lines.contains(
                "\(MessageID.jobDead) jobqueued: Job @JOB_ID@ is dead"), "\(list)")
    }
}
