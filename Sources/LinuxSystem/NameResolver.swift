import Glibc
import Synchronization

/// Finds the addresses of a host. Wraps `getaddrinfo(3)`, which may block for as long as the name
/// servers are silent, on a thread of its own.
package enum NameResolver {
    /// The numeric addresses of `host`, in the order in which they should be tried. A numeric
    /// address is its own answer and needs no thread.
    ///
    /// Throws `NameResolverError`, or `CancellationError` at once when the task is cancelled; the
    /// thread then ends by itself when its answer comes.
    package static func addresses(of host: String) async throws -> [String] {
        if case .success(let addresses) = lookUp(host, flags: AI_NUMERICHOST) { return addresses }
        try Task.checkCancellation()
        let answer = Answer()
        try BackgroundThread.start(named: "resolver") { answer.give(lookUp(host, flags: 0)) }
        let result = await withTaskCancellationHandler {
            await answer.wait()
        } onCancel: {
            answer.give(.failure(.cancelled))
        }
        try Task.checkCancellation()
        return try result.get()
    }

    private static func lookUp(
        _ host: String, flags: Int32
    ) -> Result<[String], NameResolverError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &first)
        let systemCode = errno
        guard code == 0 else {
            let reason =
                code == EAI_SYSTEM
                ? String(cString: strerror(systemCode)) : String(cString: gai_strerror(code))
            return .failure(.notResolved(host: host, reason: reason))
        }
        defer { freeaddrinfo(first) }
        let entries = sequence(first: first) { $0?.pointee.ai_next }.lazy.prefix { $0 != nil }
        return .success(entries.compactMap { $0.flatMap(numericText) })
    }

    /// Wraps `getnameinfo(3)`, which keeps the scope of a link-local address.
    private static func numericText(_ entry: UnsafeMutablePointer<addrinfo>) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count),
            nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What one look-up brought, or that nobody waits for it any more: whichever came first.
    private final class Answer: Sendable {
        typealias Outcome = Result<[String], NameResolverError>

        private enum State {
            case open
            case awaited(CheckedContinuation<Outcome, Never>)
            case given(Outcome)
        }

        private let state = Mutex(State.open)

        func give(_ outcome: Outcome) {
            let waiting = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
                switch state {
                case .given: return nil
                case .open:
                    state = .given(outcome)
                    return nil
                case .awaited(let continuation):
                    state = .given(outcome)
                    return continuation
                }
            }
            waiting?.resume(returning: outcome)
        }

        func wait() async -> Outcome {
            await withCheckedContinuation { continuation in
                let given = state.withLock { state -> Outcome? in
                    if case .given(let outcome) = state { return outcome }
                    state = .awaited(continuation)
                    return nil
                }
                if let given { continuation.resume(returning: given) }
            }
        }
    }
}

/// Why a host has no address.
package enum NameResolverError: Error, Equatable, CustomStringConvertible {
    case notResolved(host: String, reason: String)
    /// The caller has stopped waiting, which it sees as a `CancellationError`.
    case cancelled

    package var description: String {
        switch self {
        case .notResolved(let host, let reason): "cannot resolve \(host): \(reason)"
        case .cancelled: "the look-up was cancelled"
        }
    }
}
