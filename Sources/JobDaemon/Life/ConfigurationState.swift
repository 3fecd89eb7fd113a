import Synchronization

/// Whether what is written in the files is what holds: for the status line, and for the metrics.
package final class ConfigurationState: Sendable {
    package struct Reading: Sendable, Equatable {
        /// `false`: the last reload found errors, and what held before still holds.
        package var isLastGood = true
        /// When what holds was read, Unix milliseconds.
        package var lastGoodAt: Int64
    }

    private let reading: Mutex<Reading>
    private let unixMilliseconds: @Sendable () -> Int64

    /// - Parameter unixMilliseconds: tells the time. The configuration was read just now.
    package init(unixMilliseconds: @escaping @Sendable () -> Int64) {
        reading = Mutex(Reading(lastGoodAt: unixMilliseconds()))
        self.unixMilliseconds = unixMilliseconds
    }

    package var current: Reading { reading.withLock { $0 } }

    /// A reload has taken what is written.
    package func wasRead() {
        let now = unixMilliseconds()
        reading.withLock { $0 = Reading(lastGoodAt: now) }
    }

    /// A reload has found errors.
    package func wasRefused() { reading.withLock { $0.isLastGood = false } }

    /// For the status line, until a reload succeeds.
    static let refusal = "the configuration has errors; what held before still holds"
}
