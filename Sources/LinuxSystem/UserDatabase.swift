import Glibc

/// The system's users and groups.
package enum UserDatabase {
    /// The user that this process acts for. Wraps `geteuid(2)`.
    package static var ownUserID: UInt32 { geteuid() }

    /// What the user database says of the user that this process acts for.
    package struct Account: Sendable, Equatable {
        package let name: String
        /// May be empty.
        package let home: String
        /// May be empty.
        package let shell: String

        package init(name: String, home: String, shell: String) {
            self.name = name
            self.home = home
            self.shell = shell
        }
    }

    /// `nil`: the user has no entry, or it cannot be had. May block, as it may ask a directory server.
    /// Wraps `getpwuid_r(3)`.
    package static func ownAccount() -> Account? {
        var size = 1024
        while size <= 1 << 20 {
            var buffer = [CChar](repeating: 0, count: size)
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            switch getpwuid_r(geteuid(), &entry, &buffer, size, &found) {
            case 0:
                guard found != nil, let name = entry.pw_name else { return nil }
                func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
                    pointer.map { String(cString: $0) } ?? ""
                }
                return Account(
                    name: String(cString: name), home: text(entry.pw_dir),
                    shell: text(entry.pw_shell))
            case EINTR: continue
            case ERANGE: size *= 4
            default: return nil
            }
        }
        return nil
    }

    /// The group that this process acts for. Wraps `getegid(2)`.
    package static var ownGroupID: UInt32 { getegid() }

    /// Whether there is a user of that name. May block, as `groupID` may. Wraps `getpwnam(3)`, so it is
    /// for programs of one thread, as are the two below.
    package static func hasUser(named name: String) -> Bool { getpwnam(name) != nil }

    /// Acts for that user and its groups from now on, and for no other any more. Only root may. Wraps
    /// `initgroups(3)`, `setgid(2)` and `setuid(2)`.
    package static func become(userNamed name: String) throws(SystemError) {
        guard let entry = getpwnam(name) else {
            throw .failed(call: "look up the user \(name)", path: nil, errno: ENOENT)
        }
        let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard initgroups(name, group) == 0, setgid(group) == 0, setuid(user) == 0 else {
            throw .failed(call: "act for the user \(name)", path: nil, errno: errno)
        }
    }

    /// The name of the group that a file belongs to; `nil`: it cannot be looked at, or the group has no
    /// name. Wraps `stat(2)` and `getgrgid(3)`, so it is for programs of one thread.
    package static func groupOfFile(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, let entry = getgrgid(status.st_gid),
            let name = entry.pointee.gr_name
        else { return nil }
        return String(cString: name)
    }

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
