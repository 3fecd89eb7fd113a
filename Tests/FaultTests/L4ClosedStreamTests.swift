import Foundation
import TestSupport
import Testing

@Suite("L4 Standard streams that are closed at the start")
struct L4ClosedStreamTests {
    @Test("nothing of the daemon's gets their numbers, and jobs and commands run")
    func daemon() async throws {
        let place = try CommandPlace()
        try place.handler("command", "#!/bin/sh\nread line\necho \"$line\"\n")
        let daemon = try await place.daemon(
            launcher: ["/bin/sh", "-c", #"exec "$0" "$@" <&- >&- 2>&-"#])
        await eventually("it answers") {
            try await daemon.control("stats").status == .exited(0)
        }
        for number in 0...2 {
            let target = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(daemon.child.pid)/fd/\(number)")
            #expect(target == "/dev/null")
        }
        #expect(
            try await daemon.done("enqueue", "--type", "command", "--payload", "7", "--wait")
                == ["7"])
        #expect(try await daemon.drain() == .exited(0))
    }
}
