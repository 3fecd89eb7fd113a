/// Writes frames, each with the NUL that ends it.
enum VarlinkFrame {
    private struct Call<Parameters: Encodable>: Encodable {
        let method: String
        let parameters: Parameters
    }

    private struct Reply<Parameters: Encodable>: Encodable {
        let parameters: Parameters
    }

    private struct ErrorReply: Encodable {
        let error: String
        let parameters: ControlError.Parameters
    }

    static func call(_ method: String, _ parameters: some Encodable) throws(WireJSON
        .EncodingFailure)
        -> [UInt8]
    {
        try WireJSON.encode(Call(method: method, parameters: parameters)) + [0]
    }

    /// A reply of at most `limit` bytes, else an error that says so.
    static func reply(_ parameters: some Encodable, limit: Int) -> [UInt8] {
        do {
            let frame = try WireJSON.encode(Reply(parameters: parameters))
            guard frame.count <= limit else {
                return error(
                    .refused(
                        reason:
                            "the answer has \(frame.count) bytes, and a frame at most \(limit); "
                            + "ask for less at a time"))
            }
            return frame + [0]
        } catch {
            return self.error(.refused(reason: "\(error)"))
        }
    }

    static func error(_ error: ControlError) -> [UInt8] {
        let reply = ErrorReply(error: error.name, parameters: error.parameters)
        do {
            return try WireJSON.encode(reply) + [0]
        } catch {
            // Strings and integers can always be written; the name alone is a full answer too.
            return Array("{\"error\":\"\(reply.error)\"}".utf8) + [0]
        }
    }
}

/// A reply as the client finds it in a frame.
struct VarlinkReply<Parameters: Decodable>: Decodable {
    let parameters: Parameters?
}

/// The error in a frame, if it is one.
struct VarlinkErrorReply: Decodable {
    let error: String?
}

/// The parameters of an error in a frame.
typealias VarlinkErrorParameters = VarlinkReply<ControlError.Parameters>
