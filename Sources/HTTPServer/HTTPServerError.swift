/// What the HTTP server could not do. The descriptions are lines for the journal.
package enum HTTPServerError: Error, Equatable, CustomStringConvertible {
    /// The text is not `HOST:PORT` or `:PORT`.
    case badAddress(String)
    case unknownHost(String, reason: String)
    case addressInUse(String)
    case cannotListen(address: String, reason: String)
    /// A descriptor that was handed over is not a listening socket, TCP or Unix.
    case notListening(descriptor: Int32, reason: String)
    case cannotStart(reason: String)

    package var description: String {
        switch self {
        case .badAddress(let text):
            "\"\(text)\" is not an address to listen on: write :2112, 127.0.0.1:2112 or [::1]:2112"
        case .unknownHost(let host, let reason):
            "cannot find the address of \"\(host)\" to listen on: \(reason)"
        case .addressInUse(let address):
            "cannot listen on \(address): the address is in use; "
                + "does another instance run? give each one its own --metrics-addr"
        case .cannotListen(let address, let reason):
            "cannot listen on \(address): \(reason)"
        case .notListening(let descriptor, let reason):
            "descriptor \(descriptor) is not a listening TCP socket (\(reason)); "
                + "does the socket unit say ListenStream= with a port?"
        case .cannotStart(let reason):
            "cannot start the HTTP server: \(reason)"
        }
    }
}
