import Foundation

/// A client of the control socket, made of nothing but JSON and NUL bytes. Blocks.
package struct BareControlClient {
    package let connection: RawClient

    package init(of daemon: DaemonProcess) throws {
        try self.init(socket: daemon.directory.file("control.sock"))
    }

    package init(socket path: String) throws { connection = try RawClient(.unix(path: path)) }

    /// Calls a method of `io.jobqueue.Control` and reads the answer.
    package func call(
        _ method: String, _ parameters: [String: Any] = [:]
    ) throws -> [String: Any] {
        let call: [String: Any] = [
            "method": "io.jobqueue.Control.\(method)", "parameters": parameters,
        ]
        try send(Array(JSONSerialization.data(withJSONObject: call)))
        return try answer()
    }

    /// Sends one frame, whatever is in it.
    package func send(_ frame: [UInt8]) throws { try connection.send(frame + [0]) }

    /// Reads one answer.
    package func answer() throws -> [String: Any] {
        let frame = try connection.read(upTo: 0)
        let object = try JSONSerialization.jsonObject(with: Data(frame))
        guard let answer = object as? [String: Any] else {
            throw TestSupportError("no answer of varlink: \(object)")
        }
        return answer
    }
}
