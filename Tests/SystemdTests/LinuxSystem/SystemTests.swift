import Foundation
import LinuxSystem
import TestSupport
import Testing

@Suite("What the system is asked")
struct SystemTests {
    @Test("the clock of leases never goes back, and the date is the date")
    func clocks() {
        let first = SystemClock.monotonicNanoseconds()
        let second = SystemClock.monotonicNanoseconds()
        #expect(first > 0 && second >= first)
        #expect(SystemClock.sinceBoot() >= .nanoseconds(Int64(second)))
        let date = Date().timeIntervalSince1970 * 1_000
        #expect(abs(Double(SystemClock.unixMilliseconds()) - date) < 60_000)
    }

    @Test("the machine, its boot and this process are known")
    func identity() throws {
        let host = HostIdentity.current()
        #expect(host.processID == getpid())
        #expect(!host.hostname.isEmpty)
        let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        #expect(host.bootID.map { $0 + "\n" } == boot)
    }

    @Test("blocked signals stay blocked in threads that start later")
    func blockSignals() async throws {
        let blocked = Watched<Bool?>(nil)
        Thread.detachNewThread {
            ProcessSignals.block([SIGUSR1, SIGTERM])
            Thread.detachNewThread {
                var mask = sigset_t()
                pthread_sigmask(SIG_BLOCK, nil, &mask)
                let both = sigismember(&mask, SIGUSR1) == 1 && sigismember(&mask, SIGTERM) == 1
                blocked.update { $0 = both }
            }
        }
        #expect(await blocked.wait(within: .seconds(10)) { $0 != nil } == true)
    }

    @Test("writing to a connection that is gone is an error and not the end")
    func brokenPipe() {
        ProcessSignals.ignoreBrokenPipes()
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        #expect(write(ends[1], "x", 1) == -1 && errno == EPIPE)
        close(ends[1])
    }

    @Test(
        "signals have names",
        arguments: [(SIGKILL, "SIGKILL"), (SIGSEGV, "SIGSEGV"), (99, "signal 99")])
    func signalNames(signal: Int32, name: String) {
        #expect(ProcessSignals.name(of: signal) == name)
    }

    @Test("a wake-up that came before is not lost, several are one, and none is waited for in vain")
    func wakeUp() async throws {
        let wakeUp = try WakeUp()
        #expect(!wakeUp.wait(within: .milliseconds(1)))
        wakeUp.signal()
        wakeUp.signal()
        #expect(wakeUp.wait())
        #expect(!wakeUp.wait(within: .zero))
        let woken = Watched(false)
        try BackgroundThread.start(named: "a name that is long") {
            wakeUp.wait()
            woken.update { $0 = true }
        }
        wakeUp.signal()
        #expect(await woken.wait(within: .seconds(10)) { $0 } == true)
    }

    @Test("lines arrive whole where the reader is slow and the descriptor does not block")
    func slowReader() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (readEnd, writeEnd) = (ends[0], ends[1])
        _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
        let received = Watched<[UInt8]?>(nil)
        try BackgroundThread.start(named: "reader") {
            let handle = FileHandle(fileDescriptor: readEnd, closeOnDealloc: true)
            let bytes = Array(handle.readDataToEndOfFile())
            received.update { $0 = bytes }
        }
        let text = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
        try LineOutput(descriptor: writeEnd).write(text)
        close(writeEnd)
        #expect(await received.wait(within: .seconds(30)) { $0 != nil } == text)
        #expect(throws: LineOutputError(errno: EBADF)) {
            try LineOutput(descriptor: 9_999).write([1])
        }
    }
}
