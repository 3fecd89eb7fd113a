import Glibc
import JobControl
import LinuxSystem
import TestSupport
import Testing

@Suite("C2: a user who may not")
struct PeerCredentialTests {
    private static let info = #"{"method":"org.varlink.service.GetInfo"}"#

    /// Calls each method that is named after the socket's path, and prints the answers.
    private static let caller = """
        import socket, sys
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(sys.argv[1])
        for method in sys.argv[2:]:
            connection.sendall(b'{"method":"' + method.encode() + b'"}\\0')
            answer = b""
            while not answer.endswith(b"\\0"):
                answer += connection.recv(65536) or sys.exit("closed")
            print(answer[:-1].decode())
        """

    /// The caller as the user `nobody`, in no group but `groups`.
    private func call(
        _ stand: ControlStand, groups: String? = nil, _ methods: String...
    ) async throws -> (pid: pid_t, answers: [String]) {
        let membership = groups.map { "--groups=\($0)" } ?? "--clear-groups"
        let process = try ChildProcess(
            "/usr/bin/setpriv",
            [
                "--reuid=65534", "--regid=65534", membership, "/usr/bin/python3", "-c",
                Self.caller, stand.path,
            ] + methods)
        let status = try await process.waitForEndOfOutput(within: .seconds(60))
        #expect(status == .exited(0), "\(process.standardError)")
        return (process.pid, process.standardOutput)
    }

    @Test(
        "is refused by what the kernel says of it, logged once with pid and uid, and changes nothing",
        .enabled(if: geteuid() == 0, "only root can become somebody else"))
    func otherUser() async throws {
        try await withControlServer(isOpen: true) { stand in
            let (pid, answers) = try await call(
                stand, "io.jobqueue.Control.Drain", "io.jobqueue.Control.GetStats",
                "org.varlink.service.GetInfo")
            let denied =
                #"{"error":"io.jobqueue.Control.PermissionDenied","parameters":"#
                + #"{"pid":\#(pid),"uid":65534}}"#
            #expect(answers.prefix(2) == [denied, denied])
            #expect(answers.last?.contains(#""product":"jobqueued""#) == true)
            #expect(stand.service.calls.value.isEmpty)
            #expect(
                stand.log.value == [
                    "control: refused Drain to pid \(pid), uid 65534, who is not allowed to act"
                ])
        }
    }

    @Test(
        "may act as a member of the group, and only of that one",
        .enabled(if: geteuid() == 0, "only root can become somebody else"))
    func member() async throws {
        let access = ControlAccess(users: [0], group: 54_321)
        try await withControlServer(access: access, isOpen: true) { stand in
            let member = try await call(stand, groups: "100,54321", "io.jobqueue.Control.Drain")
            #expect(member.answers == [#"{"parameters":{"running":2,"timeout_ms":30000}}"#])
            let other = try await call(stand, groups: "100,54322", "io.jobqueue.Control.Drain")
            #expect(other.answers.first?.contains("PermissionDenied") == true)
            #expect(stand.service.calls.value == [.drain])
        }
    }

    @Test("cannot reach a socket whose file is not for everybody", .enabled(if: geteuid() == 0))
    func fileMode() async throws {
        try await withControlServer { stand in
            let process = try ChildProcess(
                "/usr/bin/setpriv",
                [
                    "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c",
                    Self.caller, stand.path, "io.jobqueue.Control.Drain",
                ])
            #expect(try await process.waitForEndOfOutput(within: .seconds(60)) == .exited(1))
            #expect(process.standardError.last?.hasPrefix("PermissionError") == true)
            #expect(stand.service.calls.value.isEmpty)
        }
    }

    /// This process itself is the one that may not.
    private func withoutAccess(
        patience: Duration = .seconds(60),
        _ body: @Sendable @concurrent (ControlStand) async throws -> Void
    ) async throws {
        try await withControlServer(
            access: ControlAccess(users: [4_000_000], group: nil),
            limits: { $0.patience = patience }, body)
    }

    @Test("is told by jobqueuectl what to do about it")
    func advice() async throws {
        try await withoutAccess { stand in
            let result = stand.tool("drain")
            #expect(result.status == .refused && result.output.isEmpty)
            #expect(
                result.errors
                    == "jobqueuectl: permission denied to user \(geteuid()): join the group "
                    + "jobqueued, or use sudo\n")
            #expect(stand.service.calls.value.isEmpty)
        }
    }

    @Test("can write no line of its own into the log")
    func logInjection() async throws {
        try await withoutAccess { stand in
            let client = try stand.client()
            let method = #"io.jobqueue.Control.X\ncontrol: all is well"#
            #expect(try client.call(#"{"method":"\#(method)"}"#).contains("PermissionDenied"))
            #expect(stand.log.value.count == 1)
            // The log's writer makes one line of it; what it says comes first.
            #expect(stand.log.value.first?.hasPrefix("control: refused X\n") == true)
        }
    }

    @Test("cannot keep a place for long by doing nothing, or by asking what is allowed")
    func idle() async throws {
        try await withoutAccess(patience: .milliseconds(200)) { stand in
            #expect(try stand.client().readToEnd() == "")
            let asking = try stand.client()
            #expect(try asking.call(Self.info).contains("jobqueued"))
            #expect(try asking.readToEnd() == "")
        }
    }
}
