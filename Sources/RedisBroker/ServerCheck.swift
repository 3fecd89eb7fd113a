import Redis

/// Whether a Redis is fit to keep jobs, read from its INFO.
struct ServerCheck: Equatable {
    /// Why it must not be used; empty: it may.
    var refusals: [String] = []
    /// What an administrator should know.
    var warnings: [String] = []

    /// - Parameter info: Redis's answer to INFO, all sections that are needed.
    init(info: String, allowsEviction: Bool) {
        let fields = Self.fields(of: info)
        if let version = fields["redis_version"], Self.isOlder(version, than: [6, 2]) {
            refusals.append("it is version \(version), and 6.2 or later is needed")
        }
        if let role = fields["role"], role != "master" {
            refusals.append(
                "it is a replica (role \(role)) of \(fields["master_host"] ?? "another server"): "
                    + "name its master")
        }
        if let policy = fields["maxmemory_policy"], policy.hasPrefix("allkeys") {
            let text = "its maxmemory-policy \(policy) may throw jobs away"
            if allowsEviction {
                warnings.append(text)
            } else {
                refusals.append("\(text): set maxmemory-policy noeviction")
            }
        }
        if fields["aof_enabled"] == "0" {
            warnings.append(
                "Redis's append-only file is off: jobs since its last snapshot are lost when it "
                    + "crashes; set appendonly yes")
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
}
