import Systemd

/// The sockets that the units `jobqueued.socket` and `jobqueued-metrics.socket` have opened for this daemon.
struct PassedSockets: Sendable, Equatable {
    /// Of the control socket. Its file belongs to systemd.
    private(set) var control: Int32?
    /// Of the pages.
    private(set) var metrics: Int32?

    /// None: the daemon opens its own.
    init() {}

    /// Tells them apart by their names.
    init(_ sockets: [PassedSocket]) throws(StartFailure) {
        for socket in sockets {
            switch socket.name {
            case "control" where control == nil: control = socket.descriptor
            case "metrics" where metrics == nil: metrics = socket.descriptor
            case "control", "metrics":
                throw StartFailure(
                    .configuration,
                    "two sockets named \(socket.name) were passed; give one ListenStream= to it")
            default:
                throw StartFailure(
                    .configuration,
                    "a socket named '\(socket.name)' was passed; FileDescriptorName= of its unit must "
                        + "be control or metrics")
            }
        }
    }
}
