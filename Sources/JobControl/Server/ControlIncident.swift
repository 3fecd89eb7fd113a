import LinuxSystem

/// Something about the control socket that an administrator should know.
package enum ControlIncident: Sendable, Equatable, CustomStringConvertible {
    /// Somebody who may not act has tried to; told once for each connection. The method's name is the
    /// client's own words.
    case accessRefused(method: String, PeerCredentials)
    /// Something does not work.
    case trouble(String)

    /// The line for a log.
    package var description: String {
        switch self {
        case .accessRefused(let method, let peer):
            "control: refused \(method) to \(peer.logText), who is not allowed to act"
        case .trouble(let reason): "control: \(reason)"
        }
    }
}
