/// Where the daemon's control socket is.
package enum SocketPath {
    /// As `JQ_CONTROL` says; else in the service's runtime directory, where one is there: any other
    /// service has such a directory, too; else where the service that is shipped has it. What is empty
    /// counts as not set.
    ///
    /// - Parameter exists: whether there is a file.
    package static func standard(
        environment: [String: String], exists: (_ path: String) -> Bool
    ) -> String {
        if let path = environment["JQ_CONTROL"], !path.isEmpty { return path }
        // systemd separates several directories by colons.
        return (environment["RUNTIME_DIRECTORY"] ?? "").split(separator: ":")
            .map { "\($0)/control.sock" }.first(where: exists) ?? ofService
    }

    /// The one of an instance, `jobqueued@NAME`; `nil`: that cannot be the name of one.
    package static func ofInstance(_ name: String) -> String? {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else { return nil }
        return "/run/jobqueued-\(name)/control.sock"
    }

    /// The unit whose socket this is, for `systemctl status`.
    package static func unit(of path: String) -> String {
        let prefix = "/run/jobqueued-"
        let suffix = "/control.sock"
        guard path.hasPrefix(prefix), path.hasSuffix(suffix) else { return "jobqueued" }
        return "jobqueued@\(path.dropFirst(prefix.count).dropLast(suffix.count))"
    }

    private static let ofService = "/run/jobqueued/control.sock"
}
