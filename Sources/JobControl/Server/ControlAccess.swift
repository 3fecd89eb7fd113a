import LinuxSystem

/// Who may act: some users, and the members of one group. Reading what the service is
/// (`org.varlink.service`) is for everybody.
package struct ControlAccess: Sendable, Equatable {
    package var users: Set<UInt32>
    /// `nil`: membership of a group opens nothing.
    package var group: UInt32?

    package init(users: Set<UInt32>, group: UInt32?) {
        self.users = users
        self.group = group
    }

    /// Root, the user that this process acts for, and the members of the group of that name, if there
    /// is one. Looks the group up, which may block.
    package static func standard(group name: String) throws(SystemError) -> ControlAccess {
        ControlAccess(
            users: [0, UserDatabase.ownUserID], group: try UserDatabase.groupID(named: name))
    }

    /// Whether `peer` may act.
    package func allows(_ peer: PeerCredentials) -> Bool {
        users.contains(peer.userID) || group.map { peer.isMember(of: $0) } ?? false
    }
}
