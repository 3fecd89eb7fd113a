/// Where Redis is and how to log in: `host:port`, `redis://[user:password@]host[:port][/db]` or
/// `unix:PATH[?db=N][&user=NAME]`. As text it never shows user or password.
package struct RedisAddress: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
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
            if text.contains("@") { return .badAddress("redis://…@…", reason: reason) }
            let isUnixWithQuery = text.hasPrefix("unix:") && text.contains("?")
            return .badAddress(
                isUnixWithQuery ? text.prefix { $0 != "?" } + "?…" : text, reason: reason)
        }
        if text.hasPrefix("unix:") {
            try self.init(unix: text.dropFirst(5), bad)
            return
        }
        var rest = Substring(text)
        var user: String?
        var password: String?
        var database = 0
        var isURL = false
        if let end = text.range(of: "://") {
            guard text[..<end.lowerBound] == "redis" else {
                throw bad("only redis:// and unix:PATH are spoken (no TLS)")
            }
            rest = text[end.upperBound...]
            isURL = true
            if let at = rest.lastIndex(of: "@") {
                guard let login = Self.login(rest[..<at]) else { throw bad(Self.badLogin) }
                (user, password) = login
                rest = rest[rest.index(after: at)...]
            }
            if let slash = rest.firstIndex(of: "/") {
                let text = rest[rest.index(after: slash)...]
                guard let number = text.isEmpty ? 0 : Self.number(text), number < 65_536
                else { throw bad("the database must be a number") }
                database = number
                rest = rest[..<slash]
            }
        }
        guard let place = Self.hostAndPort(rest, isURL: isURL) else {
            throw bad("expected host:port with a port of 1 to 65535, and an IPv6 address in [ ]")
        }
        self.init(place: place, user: user, password: password, database: database)
    }

    /// For logs: without user and password.
    package var displayName: String {
        let number = database == 0 ? "" : "/\(database)"
        return switch place {
        case .tcp(let host, let port) where host.contains(":"): "[\(host)]:\(port)\(number)"
        case .tcp(let host, let port): "\(host):\(port)\(number)"
        case .unix(let path): "unix:\(path)" + (database == 0 ? "" : "?db=\(database)")
        }
    }

    package var description: String { displayName }
    package var customMirror: Mirror { Mirror(self, unlabeledChildren: [displayName]) }

    /// `PATH`, `PATH?db=N`, `PATH?user=NAME` or both; in front of the path `//` or a login may stand, as in a
    /// URL: `//user:password@PATH`.
    private init(
        unix text: Substring, _ bad: (_ reason: String) -> RedisError
    ) throws(RedisError) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path = parts[0]
        var login: (user: String?, password: String?)?
        if path.hasPrefix("//") {
            path = path.dropFirst(2)
            if !path.hasPrefix("/"), let at = path.firstIndex(of: "@") {
                login = Self.login(path[..<at])
                if login == nil { throw bad(Self.badLogin) }
                path = path[path.index(after: at)...]
            }
        }
        guard path.hasPrefix("/") else { throw bad("the path must begin with /") }
        guard !path.utf8.contains(0), path.utf8.count <= Self.longestPath else {
            throw bad(
                "the path of a socket has at most \(Self.longestPath) bytes, and this has "
                    + "\(path.utf8.count)")
        }
        self.init(
            place: .unix(path: String(path)), user: login?.user, password: login?.password)
        for setting in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let words = setting.split(separator: "=", maxSplits: 1).map { $0 }
            switch (words.first, words.count) {
            case ("db", 2):
                guard let number = Self.number(words[1]), number < 65_536 else {
                    throw bad("the database must be a number")
                }
                database = number
            case ("user", 2):
                guard let name = Self.percentDecoded(words[1]) else {
                    throw bad("a % in the user must be followed by two hex digits")
                }
                user = name
            default: throw bad("behind ? only db=NUMBER and user=NAME can stand")
            }
        }
    }

    /// `user:password`, `user` or `:password`; `nil`: a % that means nothing stands in it.
    private static func login(_ text: Substring) -> (user: String?, password: String?)? {
        let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = percentDecoded(words[0]),
            let secret = words.count > 1 ? percentDecoded(words[1]) : ""
        else { return nil }
        return (name.isEmpty ? nil : name, secret.isEmpty ? nil : secret)
    }

    private static let badLogin = "a % in user or password must be followed by two hex digits"

    /// What the kernel takes as the path of a Unix socket, in bytes.
    private static let longestPath = 107

    /// `host`, `host:port`, `[v6]`, `[v6]:port`; the port defaults to 6379.
    private static func hostAndPort(_ text: Substring, isURL: Bool) -> Place? {
        let host: Substring
        var rest: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard host.contains(":") else { return nil }
            // In a URL the % before a zone is written %25.
            if isURL, let zone = host.range(of: "%25") {
                let plain = host[..<zone.lowerBound] + "%" + host[zone.upperBound...]
                return hostAndPort("[\(plain)]\(rest)"[...], isURL: false)
            }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return nil }
        if rest.isEmpty { return .tcp(host: String(host), port: 6379) }
        guard rest.popFirst() == ":", let number = number(rest), let port = UInt16(exactly: number),
            port > 0
        else { return nil }
        return .tcp(host: String(host), port: port)
    }

    /// Names, and addresses with their zones. Nothing that may be part of a login.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7F && !"@/?#[],;".utf8.contains(byte)
    }

    /// A number of digits alone.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { $0 &- 0x30 < 10 } ? Int(text) : nil
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            rest = rest.dropFirst(2)
            // A sign would be taken for part of a number.
            guard digits.count == 2, digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
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
