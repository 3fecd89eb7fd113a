import LinuxSystem

/// Who may act: some users, and the members of a group or two. Reading what the service is
/// (`org.varlink.service`) is for everybody.
package struct ControlAccess: Sendable, Equatable {
    package var users: Set<UInt32>
    /// `nil`: membership of a group opens nothing.
    package var group: UInt32?
    /// The one that the service runs under, when the administrator has given it another.
    package var serviceGroup: UInt32?

    package init(users: Set<UInt32>, group: UInt32?) {
        self.users = users
        self.group = group
    }

    /// Root, the user that this process acts for, and the members of the group of that name, if there
    /// is one. Looks the group up, which may block.
    ///
    /// - Parameter isService: the socket lies in the directory of a service, whose `Group=` may open it
    ///   and so may act.
    package static func standard(
        group name: String, isService: Bool = false
    ) throws(SystemError) -> ControlAccess {
        var access = ControlAccess(
            users: [0, UserDatabase.ownUserID], group: try UserDatabase.groupID(named: name))
        // Membership of root's group has never opened anything.
        if isService, UserDatabase.ownGroupID != 0 { access.serviceGroup = UserDatabase.ownGroupID }
        return access
    }

    /// Whether `peer` may act.
    package func allows(_ peer: PeerCredentials) -> Bool {
        users.contains(peer.userID)
            || [group, serviceGroup].contains { $0.map { peer.isMember(of: $0) } ?? false }
    }
}
