import JobQueue
import LinuxSystem

extension RandomSource {
    /// The system's, fetched some at a time: every enqueue asks for two numbers.
    package static let kernel: RandomSource = {
        let random = SystemRandom()
        return RandomSource { random.bits() }
    }()
}
