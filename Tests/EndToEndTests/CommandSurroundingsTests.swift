import Foundation
import TestSupport
import Testing

@Suite("What a command finds around it")
struct CommandSurroundingsTests {
    @Test("a home, a user and a shell as services have them, and the way to its daemon")
    func environment() async throws {
        let place = try CommandPlace()
        let out = place.directory.file("out")
        let script = "#!/bin/sh\nenv | grep -v ^JOB_ > \(out)-$JOB_TYPE\n"
        try place.handler("plain", script)
        try place.handler("own", script, more: "Environment=HOME=/srv LANG=C")
        let daemon = try await place.daemon()
        for type in ["plain", "own"] { try await daemon.done("enqueue", "--type", type) }
        await eventually(equals: 2) { try daemon.processed() }
        let lines = (place.text("out-plain") ?? "").split(separator: "\n").map(String.init)
        let user = try #require(getpwuid(geteuid())).pointee
        let name = String(cString: user.pw_name)
        for line in [
            "HOME=\(String(cString: user.pw_dir))", "USER=\(name)", "LOGNAME=\(name)",
            "LANG=C.UTF-8", "JQ_CONTROL=\(daemon.directory.file("control.sock"))",
        ] { #expect(lines.contains(line), "\(line) in \(lines)") }
        #expect(lines.contains { $0.hasPrefix("SHELL=/") })
        let own = (place.text("out-own") ?? "").split(separator: "\n")
        #expect(own.contains("HOME=/srv") && own.contains("LANG=C"))
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a follow-up of a command goes to the daemon that runs it")
    func followUp() async throws {
        let place = try CommandPlace()
        let tool = "\(ChildProcess.productsDirectory)/jobqueuectl"
        try place.handler("first", "#!/bin/sh\nexec \(tool) enqueue --type second --id follow-up\n")
        try place.command("second", "/bin/true")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "first")
        await eventually(equals: 2) { try daemon.processed() }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("limits of its own: of files, of memory's end, of modes; and not what the daemon has")
    func limits() async throws {
        let place = try CommandPlace()
        let out = place.directory.file("out")
        let script = """
            #!/bin/sh
            { cat /proc/self/oom_score_adj; ulimit -Sn; ulimit -Hn; umask; } > \(out)-$JOB_TYPE
            """
        try place.handler("plain", script)
        try place.handler(
            "own", script,
            more: "OOMScoreAdjust=500\nUMask=0027\nLimitNOFILE=200:300")
        let daemon = try await place.daemon(
            launcher: ["/usr/bin/prlimit", "--nofile=5000:6000", "--"])
        try await daemon.ready()
        for type in ["plain", "own"] { try await daemon.done("enqueue", "--type", type) }
        await eventually(equals: 2) { try daemon.processed() }
        let plain = (place.text("out-plain") ?? "").split(separator: "\n")
        #expect(plain.dropFirst().prefix(2) == ["1024", "6000"])
        #expect(plain.first == "0")
        #expect(place.text("out-own") == "500\n200\n300\n0027\n")
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("the daemon's own OOM score is not that of its commands")
    func oomScore() async throws {
        let place = try CommandPlace()
        let out = place.directory.file("out")
        try place.handler("plain", "#!/bin/sh\ncat /proc/self/oom_score_adj > \(out)\n")
        let daemon = try await place.daemon(launcher: ["/usr/bin/choom", "-n", "300", "--"])
        try await daemon.ready()
        try await daemon.done("enqueue", "--type", "plain")
        await eventually(equals: 1) { try daemon.processed() }
        #expect(place.text("out") == "0\n")
        #expect(try await daemon.drain() == .exited(0))
    }
}
