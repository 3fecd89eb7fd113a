import Glibc
import LinuxSystem
import Testing

@Suite("What the process takes of the machine")
struct ProcessStatisticsTests {
    @Test("the figures are this process's own")
    func own() throws {
        var descriptors: [Int32] = []
        for _ in 0..<50 { descriptors.append(open("/dev/null", O_RDONLY | O_CLOEXEC)) }
        defer { for descriptor in descriptors { close(descriptor) } }
        let statistics = try ProcessStatistics.read()
        #expect(statistics.openDescriptors >= 50)
        #expect(statistics.openDescriptors < 100_000)
        #expect(try #require(statistics.maximumDescriptors) >= 50)
        #expect(statistics.residentBytes > 1 << 20)
        #expect(statistics.virtualBytes > statistics.residentBytes)
        #expect(statistics.processorTime > .zero)
    }

    @Test("the start lies before now and does not move")
    func start() throws {
        let first = try ProcessStatistics.read().startTime
        // The boot is known to the millisecond only.
        #expect(first <= .milliseconds(SystemClock.unixMilliseconds() + 2))
        #expect(first > .milliseconds(SystemClock.unixMilliseconds()) - SystemClock.sinceBoot())
        #expect(try ProcessStatistics.read().startTime == first)
    }

    @Test("processor time never goes down")
    func processorTime() throws {
        let before = try ProcessStatistics.read().processorTime
        var clock = timespec()
        // Until the process has used 30 ms more: the kernel counts in steps of 10 ms.
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &clock)
        let end = clock.tv_sec * 1_000 + clock.tv_nsec / 1_000_000 + 30
        while clock.tv_sec * 1_000 + clock.tv_nsec / 1_000_000 < end {
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &clock)
        }
        #expect(try ProcessStatistics.read().processorTime > before)
    }

    @Test("a name with brackets and spaces does not shift the fields")
    func hostileName() throws {
        let record = try #require(
            ProcessRecord(
                "12 (a) R 9 (b c) S 1 2 3 4 5 6 7 8 9 10 114 115 16 17 18 19 20 21 122 123 124 25"))
        #expect(record.userTicks == 114)
        #expect(record.systemTicks == 115)
        #expect(record.startTicks == 122)
        #expect(record.virtualBytes == 123)
        #expect(record.residentPages == 124)
    }

    @Test("what is no record is refused", arguments: ["", "1 (a", "1 (a) R 1 2", ") x y z"])
    func malformed(text: String) {
        #expect(ProcessRecord(text) == nil)
    }
}
