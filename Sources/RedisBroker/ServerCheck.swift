import Redis

/// Whether a Redis is fit to keep jobs, read from its INFO.
struct ServerCheck: Equatable {
    /// Why it must not be used, and what a person must mend; empty: nothing.
    var refusals: [String] = []
    /// Why it must not be used at the moment, as in a failover; empty: it may.
    private(set) var passing: [String] = []
    /// What an administrator should know.
    var warnings: [String] = []

    /// - Parameter info: Redis's answer to INFO, all sections that are needed.
    init(info: String, allowsEviction: Bool) {
        let fields = Self.fields(of: info)
        if let version = fields["redis_version"], Self.isOlder(version, than: [6, 2]) {
            refusals.append("it is version \(version), and 6.2 or later is needed")
        }
        if let role = fields["role"], role != "master" {
            passing.append(
                "it is a replica (role \(role)) of \(fields["master_host"] ?? "another server"): "
                    + "name its master, or wait until it is one itself")
        }
        if let policy = fields["maxmemory_policy"] { check(policy: policy, allowsEviction) }
        if fields["aof_enabled"] == "0" {
            warnings.append(
                "Redis's append-only file is off: jobs since its last snapshot are lost when it "
                    + "crashes; set appendonly yes")
        }
    }

    /// A server that does not tell of itself.
    ///
    /// - Parameters:
    ///   - error: How it refused INFO.
    ///   - policy: Its maxmemory-policy, where that could be asked.
    init(withoutInfo error: RedisError, policy: String?, allowsEviction: Bool) {
        var unknown = "its version and whether its append-only file is on"
        if let policy {
            check(policy: policy, allowsEviction)
        } else {
            unknown += ", and whether its maxmemory-policy is noeviction, as it must be"
        }
        warnings.append(
            "\(error): this server does not tell of itself, so it is not known \(unknown); permit "
                + "INFO (ACL: +info) to have it checked")
    }

    /// `nil`: it may be used.
    var refusal: UnfitServer? {
        let all = refusals + passing
        guard !all.isEmpty else { return nil }
        return UnfitServer(
            description: all.joined(separator: "; "), passes: refusals.isEmpty)
    }

    private mutating func check(policy: String, _ allowsEviction: Bool) {
        guard policy.hasPrefix("allkeys") else { return }
        let text = "its maxmemory-policy \(policy) may throw jobs away"
        if allowsEviction {
            warnings.append(text)
        } else {
            refusals.append("\(text): set maxmemory-policy noeviction")
        }
    }

    private static func fields(of info: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return fields
    }

    private static func isOlder(_ version: String, than floor: [Int]) -> Bool {
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        return parts.lexicographicallyPrecedes(floor)
    }
}

/// Redis answered, and is not fit for use.
struct UnfitServer: Error, CustomStringConvertible {
    let description: String
    /// It may become fit by itself.
    var passes = false
}
