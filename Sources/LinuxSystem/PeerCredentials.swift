import CLinux
import Glibc

/// Who connected to a Unix socket, as the kernel knows it: the credentials at the time of the connect.
package struct PeerCredentials: Sendable, Equatable {
    package var processID: Int32
    package var userID: UInt32
    package var groupID: UInt32
    /// The supplementary groups.
    package var groups: [UInt32]

    /// Whose call is being carried out, for what is logged about it; `nil`: nobody has called.
    @TaskLocal package static var caller: PeerCredentials?

    package init(processID: Int32, userID: UInt32, groupID: UInt32, groups: [UInt32] = []) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
        self.groups = groups
    }

    /// Asks the kernel about the other side of `socket`. Wraps SO_PEERCRED and SO_PEERGROUPS.
    package init(of socket: borrowing FileDescriptor) throws(SystemError) {
        var processID = pid_t()
        var userID = uid_t()
        var groupID = gid_t()
        guard clinux_peer_credentials(socket.number, &processID, &userID, &groupID) == 0 else {
            throw .failed(call: "ask who connected", path: nil, errno: errno)
        }
        self.init(
            processID: processID, userID: userID, groupID: groupID,
            groups: try Self.groups(of: socket))
    }

    /// Whether the process acts for `group`, as its own or as a supplementary one.
    package func isMember(of group: UInt32) -> Bool {
        groupID == group || groups.contains(group)
    }

    private static func groups(of socket: borrowing FileDescriptor) throws(SystemError) -> [UInt32]
    {
        var capacity = 64
        // The kernel allows 65 536 groups.
        while capacity <= 65_536 {
            var groups = [gid_t](repeating: 0, count: capacity)
            let count = clinux_peer_groups(socket.number, &groups, UInt32(capacity))
            if count >= 0 { return Array(groups.prefix(Int(count))) }
            guard errno == ERANGE else { break }
            capacity *= 4
        }
        throw .failed(call: "ask for the groups of who connected", path: nil, errno: errno)
    }
}
