/// Where the daemon's control socket is.
package enum SocketPath {
    /// As `JQ_CONTROL` says, else in the service's runtime directory, else where the service that is
    /// shipped has it. What is empty counts as not set.
    package static func standard(environment: [String: String]) -> String {
        if let path = environment["JQ_CONTROL"], !path.isEmpty { return path }
        // systemd separates several directories by colons.
        let directories = (environment["RUNTIME_DIRECTORY"] ?? "").split(separator: ":")
        return "\(directories.first ?? "/run/jobqueued")/control.sock"
    }
}
