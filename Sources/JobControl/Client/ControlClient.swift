import LinuxSystem

/// A connection to a daemon's control socket. Simple: each call blocks until it is answered.
package struct ControlClient: ~Copyable {
    private let path: String
    private let timeout: Duration
    private let frameLimit: Int
    private let socket: FileDescriptor
    private var frames: FrameReader

    /// Longer than the server lets a call take, so that its own words about that arrive.
    package static let standardTimeout: Duration = .seconds(35)

    /// Connects.
    ///
    /// - Parameter timeout: how long to wait for the connection, and for each piece of an answer.
    package init(
        socket path: String, timeout: Duration = Self.standardTimeout,
        frameLimit: Int = ControlLimits.standardFrame
    ) throws(ControlClientError) {
        self.path = path
        self.timeout = timeout
        self.frameLimit = frameLimit
        do throws(SystemError) {
            socket = try UnixSocket.connect(path: path, timeout: timeout)
        } catch {
            throw .cannotConnect(socket: path, error)
        }
        frames = FrameReader(limit: frameLimit)
    }

    /// Calls a method of `io.jobqueue.Control` and waits for the reply.
    package mutating func call<Method: ControlMethod>(
        _ method: Method.Type, _ parameters: Method.Parameters
    ) throws(ControlClientError) -> Method.Reply {
        try call("\(ControlInterface.name).\(method.name)", parameters, replying: Method.Reply.self)
    }

    /// Calls a method that takes nothing.
    package mutating func call<Method: ControlMethod>(
        _ method: Method.Type
    ) throws(ControlClientError) -> Method.Reply where Method.Parameters == NoParameters {
        try call(method, NoParameters())
    }

    /// Calls any method by its full name.
    package mutating func call<Reply: Decodable>(
        _ method: String, _ parameters: some Encodable, replying reply: Reply.Type
    ) throws(ControlClientError) -> Reply {
        let frame: [UInt8]
        do throws(WireJSON.EncodingFailure) {
            frame = try VarlinkFrame.call(method, parameters)
        } catch {
            throw .notUnderstood(socket: path, reason: "\(error)")
        }
        guard frame.count - 1 <= frameLimit else {
            throw .tooLong(bytes: frame.count - 1, limit: frameLimit)
        }
        try send(frame)
        return try self.reply(of: reply, in: nextFrame())
    }
}

extension ControlClient {
    /// Sends a frame. When the daemon has closed the connection it may have said why: that is read
    /// afterwards in any case.
    private func send(_ frame: [UInt8]) throws(ControlClientError) {
        var rest = frame[...]
        while !rest.isEmpty {
            let result: FileDescriptor.SendResult
            do throws(SystemError) {
                result = try socket.send(rest)
            } catch {
                throw .connectionFailed(socket: path, error)
            }
            switch result {
            case .sent(let count): rest = rest.dropFirst(count)
            case .full: throw .noAnswer(socket: path, after: timeout)
            case .disconnected: return
            }
        }
    }

    private mutating func nextFrame() throws(ControlClientError) -> [UInt8] {
        while true {
            do throws(FrameReader.TooLong) {
                if let frame = try frames.next() { return frame }
            } catch {
                throw .notUnderstood(socket: path, reason: "\(error)")
            }
            let result: FileDescriptor.ReadResult
            do throws(SystemError) {
                result = try socket.read(atMost: 64 * 1024)
            } catch {
                throw .connectionFailed(socket: path, error)
            }
            switch result {
            case .bytes(let bytes): frames.append(bytes)
            case .nothingYet: throw .noAnswer(socket: path, after: timeout)
            case .end: throw .connectionClosed(socket: path)
            }
        }
    }

    private func reply<Reply: Decodable>(
        of type: Reply.Type, in frame: [UInt8]
    ) throws(ControlClientError) -> Reply {
        if let name = try decode(VarlinkErrorReply.self, from: frame).error {
            let details = try decode(VarlinkErrorParameters.self, from: frame).parameters
            throw .answered(ControlError(name: name, parameters: details ?? .init()))
        }
        if let reply = try decode(VarlinkReply<Reply>.self, from: frame).parameters { return reply }
        return try decode(type, from: Array("{}".utf8))
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(ControlClientError) -> Value {
        do throws(WireJSON.DecodingFailure) {
            return try WireJSON.decode(type, from: bytes)
        } catch {
            throw .notUnderstood(socket: path, reason: "\(error)")
        }
    }
}
