import Foundation

@_silgen_name("unshare")
private func unshareNamespaces(_ flags: Int32) -> Int32

/// A socket in the place of the journal's, seen by one thread alone: a mount namespace of its own has
/// another `/run`. Needs root.
package enum PrivateJournal {
    package static var isPossible: Bool { geteuid() == 0 }

    /// Runs `body` on a thread that has this journal. What `body` writes must fit into the socket.
    ///
    /// - Returns: the fields of each entry that `body` has added.
    package static func entries(
        of body: @escaping @Sendable () throws -> Void
    ) async throws -> [[String: String]] {
        let result = Watched<Result<[[String: String]], any Error>?>(nil)
        Thread.detachNewThread {
            let entries = Result { try receive(body) }
            result.update { $0 = entries }
        }
        guard let entries = await result.wait(within: .seconds(10), until: { $0 != nil }),
            let entries
        else { throw TestSupportError("writing to the journal took longer than 10 s") }
        return try entries.get()
    }

    private static func receive(_ body: () throws -> Void) throws -> [[String: String]] {
        let newNamespace: Int32 = 0x0002_0000  // CLONE_NEWNS, behind _GNU_SOURCE
        guard unshareNamespaces(newNamespace) == 0 else {
            throw TestSupportError.systemCall("unshare")
        }
        let (recursive, isPrivate) = (UInt(MS_REC), UInt(MS_PRIVATE))
        guard mount("none", "/", nil, recursive | isPrivate, nil) == 0,
            mount("tmpfs", "/run", "tmpfs", 0, nil) == 0
        else { throw TestSupportError.systemCall("mount") }
        try FileManager.default.createDirectory(
            atPath: "/run/systemd/journal", withIntermediateDirectories: true)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        let address = SocketAddress.unix(path: "/run/systemd/journal/socket")
        guard try address.withCAddress({ bind(descriptor, $0, $1) }) == 0 else {
            throw TestSupportError.systemCall("bind")
        }
        try body()
        var entries: [[String: String]] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0 && errno == EAGAIN { return entries }
            guard count >= 0 else { throw TestSupportError.systemCall("recv") }
            entries.append(fields(of: buffer[..<count]))
        }
    }

    /// Reads the journal's native protocol: `NAME=value` lines; or `NAME`, a 64-bit size, the value.
    static func fields(of message: ArraySlice<UInt8>) -> [String: String] {
        var fields: [String: String] = [:]
        var rest = message
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            if let equals = line.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(decoding: line[..<equals], as: UTF8.self)
                fields[name] = String(decoding: line[(equals + 1)...], as: UTF8.self)
            } else {
                let size = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                rest = rest.dropFirst(8)
                let name = String(decoding: line, as: UTF8.self)
                fields[name] = String(decoding: rest.prefix(size), as: UTF8.self)
                rest = rest.dropFirst(size + 1)
            }
        }
        return fields
    }
}
