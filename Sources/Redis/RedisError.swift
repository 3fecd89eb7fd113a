/// What a request to Redis came to. `wasSent` tells whether Redis may have carried it out.
package enum RedisError: Error, Equatable, CustomStringConvertible {
    /// The address cannot be read.
    case badAddress(String, reason: String)
    /// No connection could be made, or there is none now: nothing was sent.
    case unreachable(address: String, reason: String)
    /// The connection ended before the answer: the request may have been carried out.
    case connectionLost(address: String, reason: String)
    /// Redis refused, in its own words. `code` is the first word, such as `OOM` or `READONLY`.
    case server(code: String, message: String)
    /// An answer of another shape than the command has.
    case unexpectedReply(String)

    package var description: String {
        switch self {
        case .badAddress(let address, let reason):
            "'\(address)' is not a Redis address: \(reason); use host:port, "
                + "redis://[user:password@]host:port/db or unix:PATH[?db=N&user=NAME]"
        case .unreachable(let address, let reason):
            "cannot reach Redis at \(address): \(reason); is it running, and is the address right?"
        case .connectionLost(let address, let reason):
            "lost the connection to Redis at \(address): \(reason)"
        case .server(_, let message):
            "Redis refused: \(message)"
        case .unexpectedReply(let what):
            "Redis gave an answer that does not fit: \(what); is it really Redis 6.2 or later?"
        }
    }

    /// Whether the request was on its way when it failed, and may have been carried out.
    package var wasSent: Bool {
        if case .connectionLost = self { true } else { false }
    }

    /// The first word of Redis's refusal.
    package var serverCode: String? {
        if case .server(let code, _) = self { code } else { nil }
    }
}
