/// Randomness of the kernel. Swift's system generator wraps `getrandom(2)`.
///
/// Parts that decide something by chance are handed a number, so that tests can hand them another.
package enum RandomBytes {
    package static func uint32() -> UInt32 { UInt32.random(in: .min ... .max) }

    package static func uint64() -> UInt64 { UInt64.random(in: .min ... .max) }

    /// A number of `range`, each as likely: what keeps those that failed together from coming back
    /// together.
    package static func jitter(in range: ClosedRange<Double>) -> Double { Double.random(in: range) }
}
