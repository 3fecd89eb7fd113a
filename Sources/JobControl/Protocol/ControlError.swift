/// What a call can be answered with when it is not carried out: varlink's own errors and those of
/// `io.jobqueue.Control`.
package enum ControlError: Error, Equatable, CustomStringConvertible {
    case interfaceNotFound(String)
    case methodNotFound(String)
    case methodNotImplemented(String)
    /// The parameter has the wrong type or value, is missing, or is not known.
    case invalidParameter(String)

    /// The broker did not answer; it may have done what was asked for or not.
    case brokerUnreachable(reason: String)
    /// Understood, and not done.
    case refused(reason: String)
    case permissionDenied(userID: UInt32, processID: Int32)
    /// The job cannot be enqueued as it is.
    case invalidJob(reason: String)

    /// An error that this client does not know.
    case other(name: String)

    package var description: String {
        switch self {
        case .interfaceNotFound(let name): "there is no interface \(name)"
        case .methodNotFound(let name): "there is no method \(name)"
        case .methodNotImplemented(let name): "\(name) cannot do this"
        case .invalidParameter(let name):
            "the parameter \(name) is missing, unknown, or has a value that it cannot have"
        case .brokerUnreachable(let reason): reason
        case .refused(let reason): reason
        case .permissionDenied(let userID, let processID):
            "permission denied to user \(userID) (process \(processID))"
        case .invalidJob(let reason): "the job is not acceptable: \(reason)"
        case .other(let name): "the daemon answered \(name)"
        }
    }
}

extension ControlError {
    /// The call was ended because its time was over.
    static let tookTooLong = ControlError.brokerUnreachable(
        reason: "it took too long; it may or may not have been carried out")
}

// MARK: - On the wire

extension ControlError {
    /// The error's full name.
    package var name: String {
        switch self {
        case .interfaceNotFound: "org.varlink.service.InterfaceNotFound"
        case .methodNotFound: "org.varlink.service.MethodNotFound"
        case .methodNotImplemented: "org.varlink.service.MethodNotImplemented"
        case .invalidParameter: "org.varlink.service.InvalidParameter"
        case .brokerUnreachable: "io.jobqueue.Control.BrokerUnreachable"
        case .refused: "io.jobqueue.Control.Refused"
        case .permissionDenied: "io.jobqueue.Control.PermissionDenied"
        case .invalidJob: "io.jobqueue.Control.InvalidJob"
        case .other(let name): name
        }
    }

    /// The error's parameters: of those that there are, each error has one or two.
    struct Parameters: Codable {
        var interface: String?
        var method: String?
        var parameter: String?
        var reason: String?
        var uid: UInt32?
        var pid: Int32?
    }

    var parameters: Parameters {
        switch self {
        case .interfaceNotFound(let name): Parameters(interface: name)
        case .methodNotFound(let name), .methodNotImplemented(let name): Parameters(method: name)
        case .invalidParameter(let name): Parameters(parameter: name)
        case .brokerUnreachable(let reason), .refused(let reason), .invalidJob(let reason):
            Parameters(reason: reason)
        case .permissionDenied(let userID, let processID):
            Parameters(uid: userID, pid: processID)
        case .other: Parameters()
        }
    }

    /// Reads an error back.
    init(name: String, parameters: Parameters) {
        let reason = parameters.reason ?? "no reason given"
        switch name {
        case "org.varlink.service.InterfaceNotFound":
            self = .interfaceNotFound(parameters.interface ?? "of that name")
        case "org.varlink.service.MethodNotFound":
            self = .methodNotFound(parameters.method ?? "of that name")
        case "org.varlink.service.MethodNotImplemented":
            self = .methodNotImplemented(parameters.method ?? "the method")
        case "org.varlink.service.InvalidParameter":
            self = .invalidParameter(parameters.parameter ?? "without a name")
        case "io.jobqueue.Control.BrokerUnreachable": self = .brokerUnreachable(reason: reason)
        case "io.jobqueue.Control.Refused": self = .refused(reason: reason)
        case "io.jobqueue.Control.InvalidJob": self = .invalidJob(reason: reason)
        case "io.jobqueue.Control.PermissionDenied":
            guard let userID = parameters.uid, let processID = parameters.pid else { fallthrough }
            self = .permissionDenied(userID: userID, processID: processID)
        default: self = .other(name: name)
        }
    }
}
