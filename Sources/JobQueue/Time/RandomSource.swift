/// Randomness, handed to all that needs it, so that tests can choose it.
package struct RandomSource: Sendable {
    /// 64 random bits. May be called from any thread.
    package let bits: @Sendable () -> UInt64

    package init(bits: @escaping @Sendable () -> UInt64) { self.bits = bits }

    /// The system's.
    package static let system = RandomSource { UInt64.random(in: .min ... .max) }

    /// A random number of 0..<1.
    package var share: Double { Double(bits() >> 11) * 0x1p-53 }
}
