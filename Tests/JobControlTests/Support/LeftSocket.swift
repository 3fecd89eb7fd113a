import LinuxSystem
import TestSupport
import Testing

/// Makes a socket's file on which nobody listens any more, as a killed daemon leaves it.
func leaveSocket(at path: String) async throws {
    _ = try UnixSocket.listen(path: path, mode: 0o600)
    // A process that another test is just starting may hold the listener a moment longer.
    await eventually {
        do {
            _ = try UnixSocket.connect(path: path, timeout: .seconds(10))
            return false
        } catch {
            return true
        }
    }
}
