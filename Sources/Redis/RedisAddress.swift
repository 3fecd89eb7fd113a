/// Where Redis is and how to log in: `host:port`, `redis://[user:password@]host[:port][/db]` or
/// `unix:PATH`.
package struct RedisAddress: Sendable, Equatable {
    package enum Place: Sendable, Equatable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)
    }

    package var place: Place
    package var user: String?
    package var password: String?
    package var database = 0

    package init(place: Place, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.place = place
        self.user = user
        self.password = password
        self.database = database
    }

    /// Reads an address as an administrator writes it.
    package init(parsing text: String) throws(RedisError) {
        // The text is named in errors, so a password in it must not be.
        func bad(_ reason: String) -> RedisError {
            .badAddress(text.contains("@") ? "redis://…@…" : text, reason: reason)
        }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/") else { throw bad("the path must begin with /") }
            self.init(place: .unix(path: path))
            return
        }
        var rest = Substring(text)
        var user: String?
        var password: String?
        var database = 0
        if let end = text.range(of: "://") {
            guard text[..<end.lowerBound] == "redis" else {
                throw bad("only redis:// is spoken (no TLS)")
            }
            rest = text[end.upperBound...]
            if let at = rest.lastIndex(of: "@") {
                let login = rest[..<at].split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                rest = rest[rest.index(after: at)...]
                guard let name = Self.percentDecoded(login[0]),
                    let secret = login.count > 1 ? Self.percentDecoded(login[1]) : ""
                else { throw bad("a % in user or password must be followed by two hex digits") }
                user = name.isEmpty ? nil : name
                password = secret.isEmpty ? nil : secret
            }
            if let slash = rest.firstIndex(of: "/") {
                let number = rest[rest.index(after: slash)...]
                guard number.isEmpty || Int(number).map({ (0...65_535).contains($0) }) == true
                else { throw bad("the database must be a number") }
                database = Int(number) ?? 0
                rest = rest[..<slash]
            }
        }
        guard let place = Self.hostAndPort(rest) else {
            throw bad("expected host:port with a port of 1 to 65535")
        }
        self.init(place: place, user: user, password: password, database: database)
    }

    /// For logs: without user and password.
    package var displayName: String {
        let number = database == 0 ? "" : "/\(database)"
        return switch place {
        case .tcp(let host, let port) where host.contains(":"): "[\(host)]:\(port)\(number)"
        case .tcp(let host, let port): "\(host):\(port)\(number)"
        case .unix(let path): "unix:\(path)\(number)"
        }
    }

    /// `host`, `host:port`, `[v6]:port`; the port defaults to 6379.
    private static func hostAndPort(_ text: Substring) -> Place? {
        var host = text
        var port: UInt16 = 6379
        let colon = text.lastIndex(of: ":")
        let bracket = text.lastIndex(of: "]")
        if let colon, bracket.map({ $0 < colon }) ?? true {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else {
                return nil
            }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x2F }
        guard !host.isEmpty, isPlain else { return nil }
        return .tcp(host: String(host), port: port)
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    /// The first place where `text` stands.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
