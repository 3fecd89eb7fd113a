import Synchronization

/// What the broker refuses at the moment, by what was tried: for `/healthz`, and so that the log says
/// each thing once and not at each try.
package final class Troubles: Sendable {
    private let reasons = Mutex<[String: String]>([:])

    package init() {}

    /// One line for each trouble, sorted.
    package var all: [String] {
        reasons.withLock { $0.map { "cannot \($0.key): \($0.value)" } }.sorted()
    }

    /// - Parameter purpose: What was tried, such as "keep the lease".
    /// - Returns: whether this is new, and not what was met the last time as well.
    package func note(_ reason: String, _ purpose: String) -> Bool {
        reasons.withLock { $0.updateValue(reason, forKey: purpose) != reason }
    }

    /// What was tried went well.
    package func clear(_ purpose: String) {
        reasons.withLock { $0[purpose] = nil }
    }
}
