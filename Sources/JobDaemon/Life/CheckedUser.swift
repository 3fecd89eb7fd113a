import LinuxSystem

/// For whom `--check` looks. Root may read and run everything, and the service may not: so as root it looks
/// as the service's user.
struct CheckedUser {
    /// Whom this process acts for now instead of root; `nil`: for nobody else than before.
    var name: String?

    /// What follows "the settings are good".
    var text: String { name.map { " for the user \($0)" } ?? "" }

    /// Acts from now on for the user that the flags name, or for the packaged service's, where these flags
    /// ask for a check. There is no way back.
    static func become(_ flags: Flags) throws -> CheckedUser {
        let named = flags.values[Flags.checkUser]
        guard flags.switches.contains("--check"),
            flags.switches.isDisjoint(with: ["--help", "--version"])
        else {
            guard named == nil else {
                throw DaemonOptionsError(usage: ["\(Flags.checkUser) goes with --check only"])
            }
            return CheckedUser()
        }
        guard UserDatabase.ownUserID == 0 else {
            guard named == nil else {
                throw DaemonOptionsError(usage: [
                    "\(Flags.checkUser): only root can check for others"
                ])
            }
            return CheckedUser()
        }
        let name = named ?? service
        guard UserDatabase.hasUser(named: name) else {
            guard named == nil else {
                throw DaemonOptionsError(usage: ["\(Flags.checkUser): there is no user \(name)"])
            }
            // There is no service here that could be allowed less.
            return CheckedUser()
        }
        do {
            try UserDatabase.become(userNamed: name)
        } catch {
            throw StartFailure(.software, "\(error)")
        }
        return CheckedUser(name: name)
    }

    private static let service = "jobqueued"
}
