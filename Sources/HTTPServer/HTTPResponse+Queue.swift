import CMicrohttpd

extension HTTPResponse {
    /// Queues the answer on `connection`, whose request must be there in full, or is refused.
    ///
    /// - Returns: `.NO` when it cannot be (out of memory): the connection is closed then.
    func queue(on connection: OpaquePointer) -> MHD_Result {
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
        if status == 405 { headers.append(("Allow", "GET, HEAD")) }
        for (name, value) in headers {
            guard MHD_add_response_header(made, name, value) == .YES else { return .NO }
        }
        return MHD_queue_response(connection, UInt32(clamping: status), made)
    }
}
