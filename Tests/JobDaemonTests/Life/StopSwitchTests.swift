import Testing

@testable import JobDaemon

@Suite("Asking the daemon to drain")
struct StopSwitchTests {
    @Test("who asked first is remembered, and a second signal is told so")
    func asked() async {
        let stop = StopSwitch()
        #expect(stop.reason == nil)
        stop.ask("asked by jobqueuectl")
        #expect(!stop.askBySignal("SIGTERM"))
        #expect(stop.askBySignal("SIGTERM"))
        #expect(stop.reason == "asked by jobqueuectl")
        // Returns at once, or the test never ends.
        await stop.bell.wait()
    }
}
