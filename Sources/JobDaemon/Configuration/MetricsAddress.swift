import HTTPServer
import LinuxSystem

/// Where the pages are served.
enum MetricsAddress: Equatable {
    /// Nowhere.
    case off
    /// On a Unix socket, an absolute path.
    case unix(path: String)
    case tcp(ListenAddress)

    /// `off`, `unix:PATH`, or `[HOST]:PORT`.
    init(_ text: String) throws(ValueError) {
        if text == "off" {
            self = .off
        } else if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/"), path.utf8.count <= UnixSocket.longestPath else {
                throw ValueError(
                    "'\(text)' must name an absolute path of at most \(UnixSocket.longestPath) bytes"
                )
            }
            self = .unix(path: path)
        } else {
            self = .tcp(try ValueError.from { try ListenAddress(text) })
        }
    }
}
