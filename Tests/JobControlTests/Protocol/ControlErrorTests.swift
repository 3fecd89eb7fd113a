import Testing

@testable import JobControl

@Suite("Errors of the control protocol")
struct ControlErrorTests {
    private static let all: [(ControlError, name: String, says: String)] = [
        (
            .interfaceNotFound("a.b"), "org.varlink.service.InterfaceNotFound",
            "there is no interface a.b"
        ),
        (
            .methodNotFound("a.B"), "org.varlink.service.MethodNotFound",
            "there is no method a.B"
        ),
        (
            .methodNotImplemented("a.B"), "org.varlink.service.MethodNotImplemented",
            "a.B cannot do this"
        ),
        (
            .invalidParameter("x"), "org.varlink.service.InvalidParameter",
            "the parameter x is missing, unknown, or has a value that it cannot have"
        ),
        (.brokerUnreachable(reason: "r"), "io.jobqueue.Control.BrokerUnreachable", "r"),
        (.refused(reason: "r"), "io.jobqueue.Control.Refused", "r"),
        (
            .permissionDenied(userID: 7, processID: 8), "io.jobqueue.Control.PermissionDenied",
            "permission denied to user 7 (process 8)"
        ),
        (
            .invalidJob(reason: "r"), "io.jobqueue.Control.InvalidJob",
            "the job is not acceptable: r"
        ),
        (.other(name: "a.Strange"), "a.Strange", "the daemon answered a.Strange"),
    ]

    @Test("each has its name on the wire and a line for people", arguments: all)
    func words(error: ControlError, name: String, says: String) {
        #expect(error.name == name)
        #expect(error.description == says)
    }

    @Test("each is read back as what it was", arguments: all.map(\.0))
    func roundTrip(error: ControlError) throws {
        let frame = VarlinkFrame.error(error).dropLast()
        let name = try WireJSON.decode(VarlinkErrorReply.self, from: Array(frame)).error
        let details = try WireJSON.decode(VarlinkErrorParameters.self, from: Array(frame))
        #expect(ControlError(name: name ?? "", parameters: details.parameters ?? .init()) == error)
    }

    @Test("an error without its parameters is still understood", arguments: all)
    func bare(error: ControlError, name: String, says: String) {
        let bare = ControlError(name: name, parameters: .init())
        #expect(!bare.description.isEmpty)
        // Without who was denied, the name is all there is.
        if case .permissionDenied = error {
            #expect(bare == .other(name: name))
        } else {
            #expect(bare.name == name)
        }
    }
}
