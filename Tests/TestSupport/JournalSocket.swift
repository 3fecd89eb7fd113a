import Foundation

/// A socket in the place of journald's, for a whole daemon; what comes waits until it is read. Whoever
/// starts the daemon with `launcher` must be root.
package final class JournalSocket: Sendable {
    private let directory: TemporaryDirectory
    private let descriptor: Int32

    package init() throws {
        directory = try TemporaryDirectory()
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError.systemCall("socket") }
        let address = SocketAddress.unix(path: directory.file("socket"))
        guard try address.withCAddress({ bind(descriptor, $0, $1) }) == 0 else {
            throw TestSupportError.systemCall("bind")
        }
    }

    deinit { close(descriptor) }

    /// A command that starts a program with this journal, in a `/run` of its own.
    package var launcher: [String] {
        let script = """
            mount -t tmpfs none /run && mkdir -p /run/systemd/journal &&
            : > /run/systemd/journal/socket &&
            mount --bind '\(directory.file("socket"))' /run/systemd/journal/socket || exit 1
            export JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2)
            exec "$@"
            """
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh"]
    }

    /// Takes out the entries that are there, without waiting for more.
    package func takeEntries() -> [[String: String]] {
        var entries: [[String: String]] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { return entries }
            entries.append(PrivateJournal.fields(of: buffer[..<count]))
        }
    }
}
