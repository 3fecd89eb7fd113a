import Redis
import SQLiteBroker

/// Where the jobs are kept: on a Redis, or in a file of the daemon's own.
package enum BrokerAddress: Sendable, Equatable {
    case redis(RedisAddress)
    case sqlite(SQLiteAddress)

    /// Reads an address as an administrator writes it.
    package init(parsing text: String) throws {
        if SQLiteAddress.isMeant(by: text) {
            guard let address = SQLiteAddress(parsing: text) else {
                throw BrokerAddressError(
                    description: "'\(text)' names no file; use sqlite:PATH or sqlite::memory:")
            }
            if case .file(let path) = address, !path.hasPrefix("/") {
                throw BrokerAddressError(
                    description:
                        "'\(text)' is relative to wherever the daemon is started; name the "
                        + "file by its absolute path, such as sqlite:/var/lib/jobqueued/jobs.db")
            }
            self = .sqlite(address)
        } else {
            self = .redis(try RedisAddress(parsing: text))
        }
    }

    /// For the log and for status lines, without a password.
    package var name: String {
        switch self {
        case .redis(let address): "Redis at \(address.displayName)"
        case .sqlite(let address): "\(address)"
        }
    }

    /// What it is, in a word.
    package var kind: String {
        switch self {
        case .redis: "redis"
        case .sqlite: "sqlite"
        }
    }
}

/// Why an address cannot be read.
private struct BrokerAddressError: Error, CustomStringConvertible {
    let description: String
}
