import Glibc
import Synchronization

/// A blocking connection to Redis for tests: one call, one round trip. Gives up after `Duration.patience`.
package final class RESPConnection: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var position = 0
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    package init(_ address: SocketAddress, password: String? = nil) throws {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw TestSupportError.systemCall("socket") }
        var limit = timeval(tv_sec: Int(Duration.patience.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let connected = try address.withCAddress { connect(descriptor, $0, $1) }
        guard connected == 0 else { throw TestSupportError.systemCall("connecting to \(address)") }
        if let password { try command(["AUTH", password]) }
    }

    deinit { close(descriptor) }

    /// Runs one command. Throws when Redis answers with an error.
    @discardableResult
    package func command(_ arguments: [String]) throws -> RESPValue {
        try command(bytes: arguments.map { Array($0.utf8) })
    }

    /// Runs one command whose arguments need not be text. Throws when Redis answers with an error.
    @discardableResult
    package func command(bytes arguments: [[UInt8]]) throws -> RESPValue {
        guard let reply = try pipeline(bytes: [arguments]).first else {
            throw TestSupportError("no reply")
        }
        if case .error(let text) = reply { throw TestSupportError(text) }
        return reply
    }

    /// Sends all commands, then reads all replies; errors are among them.
    @discardableResult
    package func pipeline(bytes commands: [[[UInt8]]]) throws -> [RESPValue] {
        try state.withLock { state in
            var request: [UInt8] = []
            for arguments in commands {
                request += Array("*\(arguments.count)\r\n".utf8)
                for argument in arguments {
                    request += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10]
                }
            }
            try send(request)
            return try commands.map { _ in try readReply(&state) }
        }
    }

    /// Reads one more reply, such as a message of a subscription.
    package func read() throws -> RESPValue {
        try state.withLock { try readReply(&$0) }
    }
}

extension RESPConnection {
    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw TestSupportError.systemCall("send") }
            sent += count
        }
    }

    private func readReply(_ state: inout State) throws -> RESPValue {
        let line = try readLine(&state)
        let text = String(decoding: line.dropFirst(), as: UTF8.self)
        switch line.first {
        case UInt8(ascii: "+"): return .status(text)
        case UInt8(ascii: "-"): return .error(text)
        case UInt8(ascii: ":"): return .integer(try number(text))
        case UInt8(ascii: "$"):
            let count = try number(text)
            if count < 0 { return .null }
            let bytes = try read(count + 2, &state)
            return .bulk(Array(bytes.dropLast(2)))
        case UInt8(ascii: "*"):
            let count = try number(text)
            if count < 0 { return .null }
            return .array(try (0..<count).map { _ in try readReply(&state) })
        default: throw TestSupportError("not a reply of Redis: \(line)")
        }
    }

    private func number(_ text: String) throws -> Int {
        guard let number = Int(text) else { throw TestSupportError("not a number: \(text)") }
        return number
    }

    private func readLine(_ state: inout State) throws -> [UInt8] {
        var searched = state.position
        while true {
            if let end = state.buffer[searched...].firstIndex(of: 13), end + 1 < state.buffer.count
            {
                let line = Array(state.buffer[state.position..<end])
                state.position = end + 2
                return line
            }
            searched = max(state.position, state.buffer.count - 1)
            let moved = try fill(&state)
            searched -= moved
        }
    }

    private func read(_ count: Int, _ state: inout State) throws -> [UInt8] {
        while state.buffer.count - state.position < count { _ = try fill(&state) }
        defer { state.position += count }
        return Array(state.buffer[state.position..<state.position + count])
    }

    /// Reads what is there after what was not used yet.
    ///
    /// - Returns: by how much the unused bytes moved to the front.
    private func fill(_ state: inout State) throws -> Int {
        let moved = state.position
        state.buffer.removeFirst(moved)
        state.position = 0
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var count = -1
        repeat {
            count = recv(descriptor, &chunk, chunk.count, 0)
        } while count < 0 && errno == EINTR
        guard count != 0 else { throw TestSupportError("Redis closed the connection") }
        guard count > 0 else { throw TestSupportError.systemCall("recv") }
        state.buffer += chunk[..<count]
        return moved
    }
}
