import Foundation
import JobControl
import TestSupport
import Testing

@testable import JobDaemon

@Suite("The manual pages")
struct ManualTests {
    @Test(
        "are well-formed",
        arguments: ["jobqueued.8", "jobqueuectl.1", "jobqueued.conf.5", "jobqueued-handler.5"])
    func lint(page: String) async throws {
        let (lines, errors, status) = try await output(
            of: "/usr/bin/mandoc",
            ["-Tlint", "-W", "warning", PackageFile.path("packaging/man/\(page)")])
        #expect(lines == [] && errors == [])
        #expect(status == .exited(0))
    }

    @Test("jobqueued(8) names the flags that --help names, and no other")
    func daemonFlags() throws {
        #expect(try items("jobqueued.8") == flags(in: DaemonCommandLine.help))
    }

    @Test("jobqueued(8) names the variable and the default of each flag")
    func daemonVariables() throws {
        let page = try PackageFile.text("packaging/man/jobqueued.8")
        for setting in Setting.all {
            guard let variable = setting.environment else { continue }
            #expect(page.contains(".Bq Ev \(variable) , No "), "\(variable)")
        }
    }

    @Test("jobqueuectl(1) names the commands that --help names, and no other")
    func commands() throws {
        let lines = try PackageFile.text("packaging/man/jobqueuectl.1").split(separator: "\n")
        let named = lines.filter { $0.hasPrefix(".It Cm ") }
            .compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) }
        #expect(Set(named) == Set(CommandName.allCases.map(\.rawValue)))
    }

    @Test("jobqueuectl(1) names the flags that --help names, and no other")
    func toolFlags() throws {
        let help = CommandName.allCases.map { CommandName.help(about: $0) }
        #expect(
            try items("jobqueuectl.1")
                == flags(in: help.joined() + CommandName.help(about: nil)))
    }

    @Test("jobqueued.conf(5) names each key in its section, and no other")
    func settings() throws {
        let page = try PackageFile.text("packaging/man/jobqueued.conf.5")
        for section in Setting.sections {
            let rest = page.components(separatedBy: ".Ss [\(section)]\n").dropFirst().first ?? ""
            let lines = rest.split(separator: "\n")
                .prefix { !$0.hasPrefix(".Ss ") && !$0.hasPrefix(".Sh ") }
            let keys = keys(in: lines.joined(separator: "\n"))
            #expect(
                Set(keys) == Set(Setting.all.filter { $0.section == section }.map(\.key)),
                "\(section)")
        }
        #expect(page.contains(".Ss [Queue NAME]"))
    }

    @Test("jobqueued-handler(5) names each key, and no other")
    func handlerKeys() throws {
        let page = try PackageFile.text("packaging/man/jobqueued-handler.5")
        #expect(Set(keys(in: page)) == Set(HandlerKey.all.map(\.name)))
    }

    /// The flags that a text of help speaks of.
    private func flags(in help: String) -> Set<String> {
        Set(help.matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
    }

    /// The flags that have an entry in a page.
    private func items(_ page: String) throws -> Set<String> {
        let lines = try PackageFile.text("packaging/man/\(page)").split(separator: "\n")
        let items = lines.filter { $0.hasPrefix(".It ") }.joined(separator: "\n")
        return Set(items.matches(of: /Fl (-[a-z][a-z-]*)/).map { "-\($0.output.1)" })
    }

    /// The keys that have an entry in a page.
    private func keys(in page: String) -> [String] {
        page.split(separator: "\n").filter { $0.hasPrefix(".It Cm ") }
            .flatMap { $0.matches(of: /Cm ([A-Za-z]+) Ns =/).map { String($0.output.1) } }
    }
}
