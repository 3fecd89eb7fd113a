import Glibc

/// The system's users and groups.
package enum UserDatabase {
    /// The user that this process acts for. Wraps `geteuid(2)`.
    package static var ownUserID: UInt32 { geteuid() }

    /// The number of a group; `nil` when there is none of that name. May block, as it may ask a
    /// directory server. Wraps `getgrnam_r(3)`.
    package static func groupID(named name: String) throws(SystemError) -> UInt32? {
        var size = 1024
        while size <= 1 << 20 {
            var buffer = [CChar](repeating: 0, count: size)
            var entry = group()
            var found: UnsafeMutablePointer<group>?
            let code = getgrnam_r(name, &entry, &buffer, size, &found)
            switch code {
            case 0: return found == nil ? nil : entry.gr_gid
            // Some sources of groups answer so for a name they do not have.
            case ENOENT, ESRCH: return nil
            case EINTR: continue
            case ERANGE: size *= 4
            default: throw .failed(call: "look up the group \(name)", path: nil, errno: code)
            }
        }
        throw .failed(call: "look up the group \(name)", path: nil, errno: ERANGE)
    }
}
