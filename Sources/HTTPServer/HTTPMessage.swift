/// A `GET` or `HEAD` request; no other reaches the handler. It has no body.
package struct HTTPRequest: Sendable, Equatable {
    /// The target as it was sent, up to the `?`: nothing in it is decoded or resolved.
    package let path: String
    /// It came over the loopback device or a Unix socket: from this machine.
    package let isLocal: Bool

    package init(path: String, isLocal: Bool = true) {
        self.path = path
        self.isLocal = isLocal
    }
}

/// What the handler answers.
package struct HTTPResponse: Sendable, Equatable {
    /// 200...599.
    package let status: Int
    package let contentType: String
    package let body: [UInt8]

    /// `contentType` is one line.
    package init(status: Int = 200, contentType: String, body: [UInt8]) {
        precondition((200...599).contains(status), "\(status) is not the status of an answer")
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// An answer for people: plain text.
    package init(status: Int, text: String) {
        self.init(
            status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}

/// What the server grants its clients together and each of them.
package struct HTTPServerLimits: Sendable, Equatable {
    /// Connections at a time. When one more comes, the one that was of use longest ago is closed;
    /// those whose request is being handled are spared.
    package var connections = 256
    /// A connection on which nothing moved for so long is closed. Whole seconds.
    package var idle = Duration.seconds(10)
    /// A request whose handler takes longer is answered 503.
    package var handler = Duration.seconds(5)
    /// So many requests are taken up in each `paceTime`; those beyond wait for the next. It bounds how much of the
    /// loop's time all clients together can have.
    package var pace = 8
    package var paceTime = Duration.milliseconds(10)
    /// Bytes for one connection's request line and headers, and for sending; more is refused.
    package var memory = 32 * 1024

    package init() {}
}
