import Foundation
import TestSupport
import Testing

@Suite("H5 A command that is killed from outside")
struct H5KilledCommandTests {
    @Test("only its job fails, is tried again, and the reason names the signal")
    func killed() async throws {
        let place = try CommandPlace()
        let directory = place.directory
        try place.handler(
            "big",
            """
            #!/bin/sh
            [ $JOB_ATTEMPT = 2 ] && exit 0
            echo "taking much memory" >&2
            echo $$ > \(directory.file("new")); mv \(directory.file("new")) \(directory.file("pid"))
            exec sleep 1000
            """, more: "RetryBase=10ms\nRetryMax=10ms")
        try place.handler(
            "small",
            "#!/bin/sh\nwhile [ ! -e \(directory.file("go")) ]; do sleep 0.05; done\n")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "small")
        try await daemon.done("enqueue", "--type", "big")
        await eventually { place.text("pid") != nil }
        let process = try #require(pid_t(place.text("pid")?.dropLast() ?? ""))
        #expect(kill(process, SIGKILL) == 0)
        await eventually(equals: 1) { try daemon.processed() }
        let reason = "attempt 1 of 25 failed: killed by SIGKILL: taking much memory"
        #expect(daemon.log.contains { $0.contains(reason) }, "\(daemon.log)")
        try directory.write("", to: "go")
        await eventually(equals: 2) { try daemon.processed() }
        #expect(try await daemon.drain() == .exited(0))
    }
}
