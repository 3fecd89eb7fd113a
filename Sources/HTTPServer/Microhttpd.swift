import CMicrohttpd
import Glibc

/// libmicrohttpd's server, turned from outside. Owns its `MHD_Daemon`; dropping it closes every
/// connection, none of which may be suspended then. Lives on the loop.
struct Microhttpd: ~Copyable {
    private let daemon: OpaquePointer
    /// Readable when `turn()` has something to do.
    let pollDescriptor: Int32

    /// Starts a server that reports to `server`, which must live until this is dropped.
    init(reportingTo server: HTTPServer, limits: HTTPServerLimits) throws(HTTPServerError) {
        let seconds = UInt32(clamping: max(1, limits.idle.components.seconds))
        let connections = UInt32(clamping: max(1, limits.connections))
        // The callbacks come from `turn`, `add` and the end of this, so on the loop, inside the actor:
        // what they are given does not leave its thread.
        let daemon = cmicrohttpd_start(
            connections, seconds, limits.memory,
            { context, connection, path, method, _, _, _, _ in
                guard let connection, let path, let method else { return .NO }
                nonisolated(unsafe) let sameThread = connection
                let target = String(cString: path)
                let verb = String(cString: method)
                return HTTPServer.from(context).assumeIsolated { server in
                    server.handle(sameThread, path: target, method: verb)
                }
            },
            { context, connection, _, _ in
                guard let connection else { return }
                nonisolated(unsafe) let sameThread = connection
                HTTPServer.from(context).assumeIsolated { $0.requestEnded(on: sameThread) }
            },
            { context, connection, _, event in
                guard let connection else { return }
                nonisolated(unsafe) let sameThread = connection
                HTTPServer.from(context).assumeIsolated { server in
                    switch event {
                    case .CONNECTION_NOTIFY_STARTED: server.connectionStarted(sameThread)
                    case .CONNECTION_NOTIFY_CLOSED: server.connectionEnded(sameThread)
                    }
                }
            },
            Unmanaged.passUnretained(server).toOpaque())
        guard let daemon else { throw .cannotStart(reason: String(cString: strerror(errno))) }
        pollDescriptor = cmicrohttpd_epoll_descriptor(daemon)
        self.daemon = daemon
    }

    deinit { MHD_stop_daemon(daemon) }

    /// Does whatever can be done now; never waits.
    func turn() {
        MHD_run(daemon)
    }

    /// After how long `turn()` is due although no descriptor is ready; `nil`: it is not.
    var nextTurn: Duration? {
        var milliseconds: CUnsignedLongLong = 0
        guard MHD_get_timeout(daemon, &milliseconds) == .YES else { return nil }
        return .milliseconds(Int64(clamping: milliseconds))
    }

    /// Takes over a connection; it is closed when that fails (out of memory).
    func add(_ connection: AcceptedConnection) {
        withUnsafePointer(to: connection.address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = MHD_add_connection(daemon, connection.descriptor, address, connection.length)
            }
        }
    }
}
