import Foundation
import TestSupport
import Testing

@testable import JobControl

/// What an independent reader of interface descriptions makes of ours.
@Suite("The interface's description")
struct InterfaceTests {
    /// A method as both sides have it: its name and its parameters, sorted.
    private static func line<Method: ControlMethod>(_ method: Method.Type) -> String {
        "\(method.name)(\(Method.Parameters.names.sorted().joined(separator: ", ")))"
    }

    private static let methods = [
        line(GetStats.self), line(GetQueues.self), line(GetWorkers.self), line(Enqueue.self),
        line(Pause.self), line(Resume.self), line(ListDead.self), line(Show.self), line(Wait.self),
        line(Reload.self), line(Check.self),
        line(Requeue.self), line(Delete.self), line(Drain.self), line(Export.self),
        line(Import.self),
    ].sorted()

    /// Reads a description on standard input, and prints its methods and errors.
    private static let reader = """
        import sys
        from varlink import scanner
        interface = scanner.Interface(sys.stdin.read())
        print("interface", interface.name)
        for name, member in interface.members.items():
            if isinstance(member, scanner._Method):
                print("method %s(%s)" % (name, ", ".join(sorted(member.in_type.fields))))
            if isinstance(member, scanner._Error):
                print("error %s(%s)" % (name, ", ".join(sorted(member.type.fields))))
        """

    private func read(_ description: String) async throws -> [String] {
        let python = try ChildProcess(
            "/usr/bin/env", ["python3", "-c", Self.reader], input: description)
        let status = try await python.waitForEndOfOutput(within: .seconds(60))
        #expect(status == .exited(0), "\(python.standardError)")
        return python.standardOutput
    }

    private func lines(_ lines: [String], _ kind: String) -> [String] {
        lines.filter { $0.hasPrefix(kind + " ") }.map { String($0.dropFirst(kind.count + 1)) }
            .sorted()
    }

    @Test("what is served is the file, byte for byte")
    func file() throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4)
        let path =
            root.dropFirst().map { "/" + $0 }.joined()
            + "/Sources/JobControl/io.jobqueue.Control.varlink"
        let file = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        #expect(ControlInterface.description == file)
        #expect(VarlinkService.description(of: "io.jobqueue.Control") == file)
    }

    @Test("others can read it, and find the methods, parameters and errors that the code has")
    func independent() async throws {
        let found = try await read(ControlInterface.description)
        #expect(found.first == "interface io.jobqueue.Control")
        #expect(lines(found, "method") == Self.methods)
        #expect(
            lines(found, "error") == [
                "BrokerUnreachable(reason)", "InvalidJob(reason)", "PermissionDenied(pid, uid)",
                "Refused(reason)",
            ])
    }

    @Test("the description that every service has can be read as well")
    func service() async throws {
        let text = try #require(VarlinkService.description(of: "org.varlink.service"))
        let found = try await read(text)
        #expect(found.first == "interface org.varlink.service")
        #expect(lines(found, "method") == ["GetInfo()", "GetInterfaceDescription(interface)"])
        #expect(
            lines(found, "error") == [
                "InterfaceNotFound(interface)", "InvalidParameter(parameter)",
                "MethodNotFound(method)", "MethodNotImplemented(method)",
            ])
        #expect(VarlinkService.description(of: "io.jobqueue.Other") == nil)
    }
}
