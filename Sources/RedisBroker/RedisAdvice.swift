import JobQueue
import Redis

/// What Redis's refusals mean, and what a daemon does about each.
enum RedisRefusal {
    /// It passes, or this is the wrong server by now: close the connection, wait, connect anew.
    case reconnect
    /// The worker's lease is gone.
    case leaseLost
    /// The user's permissions have changed: connect again, which finds all that is missing.
    case forbidden(advice: String)
    /// It does not pass by connecting anew: keep what is to be written, and tell.
    case keep(advice: String)

    init(code: String) {
        switch code {
        case "LEASELOST": self = .leaseLost
        case "LOADING", "READONLY", "MASTERDOWN", "UNBLOCKED", "NOAUTH", "WRONGPASS", "CLUSTERDOWN",
            "TRYAGAIN", "NOREPLICAS":
            self = .reconnect
        case "OOM":
            self = .keep(
                advice:
                    "Redis is full: raise maxmemory or let the queue drain (claims and outcomes "
                    + "still go on)")
        case "MISCONF":
            self = .keep(
                advice: "Redis cannot write to its disk: look at its log and at the free space")
        case "BUSY":
            self = .keep(advice: "a script of somebody else's blocks Redis: see SCRIPT KILL")
        case "WRONGTYPE":
            self = .keep(
                advice:
                    "a key of another kind stands where the queue keeps its jobs: see its TYPE, "
                    + "and move it away or choose another namespace")
        case "NOPERM":
            self = .forbidden(
                advice: "the Redis user lacks a permission, or a command was renamed: see "
                    + "docs/redis-layout.md for the commands that are used")
        case "MOVED", "CROSSSLOT":
            self = .keep(
                advice: "this server belongs to a Redis Cluster and does not hold the queue: name "
                    + "the node that does")
        default: self = .keep(advice: "see Redis's log")
        }
    }
}

extension RedisError {
    /// The reason lies in one queue's keys: other queues may be well.
    var isOneQueues: Bool {
        guard let serverCode else { return false }
        return ["WRONGTYPE", "MOVED", "CROSSSLOT"].contains(serverCode)
    }

    /// Redis does not take what was sent, and closes the connection: a word is too long for it.
    var endsConnection: Bool {
        if case .server(_, let message) = self { message.contains("Protocol error") } else { false }
    }

    /// Waiting does not help: the login, the permissions, the address or the key must be changed.
    var needsPerson: Bool {
        guard case .server(let code, let message) = self else { return false }
        if code != "ERR" { return Self.codesForPersons.contains(code) }
        return Self.errorsForPersons.contains { message.hasPrefix("ERR " + $0) }
    }

    private static let codesForPersons: Set<String> = [
        "NOAUTH", "WRONGPASS", "NOPERM", "NOPROTO", "DENIED", "MOVED", "CROSSSLOT", "WRONGTYPE",
    ]

    /// The beginnings of what Redis says without a code of its own. `max number of clients reached` is
    /// none of them, nor is what a proxy says of a server that is away.
    private static let errorsForPersons = [
        "AUTH ", "Client sent AUTH", "invalid password", "DB index", "invalid DB index", "SELECT ",
        "unknown command", "wrong number of arguments", "This instance has cluster support",
    ]

    /// The server has no such command, or this user may not use it.
    var isMissingCommand: Bool {
        guard case .server(let code, let message) = self else { return false }
        return code == "NOPERM" || message.hasPrefix("ERR unknown command")
    }

    /// How to log in, when it was refused.
    static func loginAdvice(_ code: String) -> String? {
        switch code {
        case "NOAUTH":
            "give its password by LoadCredential=redis-password:FILE in the unit, or in the address"
        case "WRONGPASS":
            "look at the user in the address, and at the password in LoadCredential=redis-password:FILE "
                + "or in the address"
        default: nil
        }
    }

    /// Redis has answered, and refused this one request, maybe halfway; the connection and the lease are
    /// good.
    var isMereRefusal: Bool {
        guard let code = serverCode, case .keep = RedisRefusal(code: code) else { return false }
        return true
    }
}

extension BrokerError {
    /// What Redis refused in one queue, for who works on several.
    static func refused(_ error: RedisError, in queue: QueueName) -> BrokerError {
        guard case .refused(let reason) = BrokerError(error) else { return BrokerError(error) }
        return .refused(reason: "queue \(queue): \(reason)")
    }

    /// What an error of the connection means to whoever asked.
    init(_ error: RedisError, worker: String = "", queue: String = "") {
        switch error {
        case .badAddress, .unexpectedReply: self = .refused(reason: error.description)
        case .unreachable(let address, let reason):
            self = .unreachable(address: address, reason: reason)
        case .connectionLost(_, let reason): self = .outcomeUnknown(reason: reason)
        case .server(let code, let message):
            switch RedisRefusal(code: code) {
            case .leaseLost: self = .leaseLost(worker: worker, queue: queue)
            case .reconnect:
                let advice = RedisError.loginAdvice(code).map { "; \($0)" } ?? ""
                self = .refused(reason: message + advice)
            case .forbidden(let advice), .keep(let advice):
                self = .refused(reason: "\(message); \(advice)")
            }
        }
    }
}

extension RedisError {
    /// The user's permissions are not what they were when the connection was made.
    var isForbidden: Bool {
        guard let code = serverCode, case .forbidden = RedisRefusal(code: code) else {
            return false
        }
        return true
    }
}

extension RedisConnection {
    /// Ends the connection where a permission is missing: the next one finds all that are.
    func closeIfForbidden(_ error: RedisError) {
        if error.isForbidden { close(reason: error.description) }
    }
}
