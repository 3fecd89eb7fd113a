import LinuxSystem
import Testing

@Suite("Random numbers of the kernel")
struct SystemRandomTests {
    @Test("however many threads ask, no number is given twice")
    func allDifferent() async {
        let (askers, count) = (8, 1000)
        let random = SystemRandom()
        let numbers = await withTaskGroup { group in
            for _ in 0..<askers {
                group.addTask { @concurrent in (0..<count).map { _ in random.bits() } }
            }
            return await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
        }
        #expect(numbers.count == askers * count)
    }
}
