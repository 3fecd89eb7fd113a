/// Where to listen: `HOST:PORT`, `[IPV6]:PORT`, or `:PORT` for every address of the machine.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// A name or a numeric address, without brackets; `nil`: every address.
    package let host: String?
    /// 0: any free port.
    package let port: UInt16

    /// Reads an address; throws `badAddress`. Whether the host exists is found when it is bound.
    package init(_ text: String) throws(HTTPServerError) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.port(text[text.index(after: colon)...])
        else { throw .badAddress(text) }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw .badAddress(text) }
        } else if host.contains(where: { "[]:".contains($0) }) {
            throw .badAddress(text)
        }
        guard !host.contains(where: { $0.isWhitespace || $0 == "/" }) else {
            throw .badAddress(text)
        }
        self.host = host.isEmpty ? nil : String(host)
        self.port = port
    }

    package var description: String {
        guard let host else { return ":\(port)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Digits alone: `UInt16("+80")` would be taken, too.
    private static func port(_ text: Substring) -> UInt16? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? UInt16(text) : nil
    }
}
