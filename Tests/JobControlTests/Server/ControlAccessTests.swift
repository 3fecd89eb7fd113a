import JobControl
import LinuxSystem
import Testing

@Suite("Who may act (C2)")
struct ControlAccessTests {
    private let access = ControlAccess(users: [0, 990], group: 980)

    private func peer(
        user: UInt32, group: UInt32 = 1_000, groups: [UInt32] = []
    ) -> PeerCredentials {
        PeerCredentials(processID: 1, userID: user, groupID: group, groups: groups)
    }

    @Test("root, the daemon's user and the members of the group may, others may not")
    func decided() {
        #expect(access.allows(peer(user: 0)))
        #expect(access.allows(peer(user: 990)))
        #expect(access.allows(peer(user: 1_000, group: 980)))
        #expect(access.allows(peer(user: 1_000, groups: [27, 980])))
        #expect(!access.allows(peer(user: 1_000)))
        #expect(!access.allows(peer(user: 980, groups: [990])))
        #expect(!access.allows(peer(user: .max, group: .max)))
    }

    @Test("without a group, membership opens nothing")
    func noGroup() {
        let access = ControlAccess(users: [0], group: nil)
        #expect(!access.allows(peer(user: 1_000, group: 0, groups: [0])))
    }

    @Test("the daemon's own user may act, and a group that does not exist adds nobody")
    func standard() throws {
        let nobodys = try ControlAccess.standard(group: "no-such-group")
        #expect(nobodys == ControlAccess(users: [0, UserDatabase.ownUserID], group: nil))
        #expect(try ControlAccess.standard(group: "root").group == 0)
    }
}
