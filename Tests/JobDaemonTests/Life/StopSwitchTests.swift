import Testing

@testable import JobDaemon

@Suite("Asking the daemon to drain")
struct StopSwitchTests {
    @Test("who asked first is remembered, and who asks again is told so")
    func asked() async {
        let stop = StopSwitch()
        #expect(stop.reason == nil)
        #expect(!stop.ask("SIGTERM"))
        #expect(stop.ask("asked by jobqueuectl"))
        #expect(stop.reason == "SIGTERM")
        // Returns at once, or the test never ends.
        await stop.bell.wait()
    }
}
