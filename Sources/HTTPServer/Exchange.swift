import CMicrohttpd
import EventLoop

/// One request and the answer that is being made for it. Lives on the loop, inside the server.
final class Exchange {
    let number: UInt64
    let connection: OpaquePointer
    let request: HTTPRequest
    /// Makes the answer.
    var task: Task<Void, Never>?
    /// Ends the wait for it.
    var timer: TimerSource?
    var response: HTTPResponse?
    /// libmicrohttpd does not look at the connection until it is resumed.
    var isSuspended = false

    init(number: UInt64, connection: OpaquePointer, request: HTTPRequest) {
        self.number = number
        self.connection = connection
        self.request = request
    }
}

/// One client's connection.
struct Place {
    let socket: Int32
    /// When the connection was last of use: it came, or an answer went out. Counts up.
    var lastUse: UInt64
    var exchange: Exchange?

    /// Whether it can be closed to make room: nothing is being worked out for it.
    var canBeTaken: Bool { exchange == nil || exchange?.response != nil }
}

extension HTTPResponse {
    /// Queues the answer on `connection`, whose request must be there in full, or is refused.
    ///
    /// - Returns: `.NO` when it cannot be (out of memory): the connection is closed then.
    func queue(on connection: OpaquePointer, allow: String? = nil) -> MHD_Result {
        let made = body.withUnsafeBytes { bytes in
            // Copied, never written to: the parameter is not `const` for the other modes' sake.
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                .RESPMEM_MUST_COPY)
        }
        guard let made else { return .NO }
        // The connection keeps a reference of its own.
        defer { MHD_destroy_response(made) }
        var headers = [
            ("Content-Type", contentType),
            // Numbers of this moment: no proxy may keep them, no browser guess what they are.
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if let allow { headers.append(("Allow", allow)) }
        for (name, value) in headers {
            guard MHD_add_response_header(made, name, value) == .YES else { return .NO }
        }
        return MHD_queue_response(connection, UInt32(clamping: status), made)
    }
}
