import Glibc
import Synchronization

/// The kernel's random numbers, fetched some at a time: one call brings 32 of them for the price of one.
package final class SystemRandom: Sendable {
    private let numbers = Mutex<[UInt64]>([])

    package init() {}

    /// 64 random bits that nobody else gets. May be called from any thread.
    package func bits() -> UInt64 {
        numbers.withLock { numbers in
            if numbers.isEmpty { numbers = Self.fetch() }
            return numbers.removeLast()
        }
    }

    /// Wraps `getentropy(3)`, which gives up to 256 bytes at once, all of them.
    private static func fetch() -> [UInt64] {
        var numbers = [UInt64](repeating: 0, count: 32)
        let code = getentropy(&numbers, numbers.count * MemoryLayout<UInt64>.size)
        precondition(code == 0, "the kernel has no random numbers")
        return numbers
    }
}
