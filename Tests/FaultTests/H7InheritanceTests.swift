import TestSupport
import Testing

@Suite("H7 What a command inherits")
struct H7InheritanceTests {
    @Test(
        "three streams, its own variables, no signal blocked or ignored", arguments: [false, true])
    func nothing(isPersistent: Bool) async throws {
        let place = try CommandPlace()
        let out = place.directory.file("out")
        try place.handler(
            "look",
            """
            #!/usr/bin/python3
            import os, sys, time
            line = sys.stdin.readline()
            if line == "": sys.exit(0)
            os.umask(0o22)
            with open("\(out).new", "w") as out:
                number = out.fileno()
                for name in sorted(os.listdir("/proc/self/fd"), key=int):
                    try: print("fd", name, os.readlink("/proc/self/fd/" + name)[:5], file=out)
                    except OSError: pass
                for name in sorted(os.environ): print("env", name, file=out)
                # Python itself ignores two and catches one.
                for line in open("/proc/%d/status" % os.getpid()):
                    if line.startswith("SigBlk"): print(line.strip(), file=out)
            os.rename("\(out).new", "\(out)")
            print('{"ok":true}', flush=True)
            """, more: isPersistent ? "Mode=persistent" : "Environment=OWN=1")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "look")
        await eventually(equals: 1) { try daemon.processed() }
        let lines = try #require(place.text("out")).split(separator: "\n").map(String.init)
        // The fourth is the file that this is written to.
        let descriptors = lines.filter { $0.hasPrefix("fd ") }
        // Of a command for one job nobody wants the output.
        let output = isPersistent ? "pipe:" : "/dev/"
        #expect(descriptors.prefix(3) == ["fd 0 pipe:", "fd 1 \(output)", "fd 2 pipe:"])
        #expect(descriptors.count == 4)
        let names = [
            "HOME", "JOB_RUN", "JQ_CONTROL", "LANG", "LOGNAME", "PATH", "SHELL", "USER",
        ]
        let ofJob =
            isPersistent
            ? []
            : [
                "JOB_ATTEMPT", "JOB_DEADLINE_MS", "JOB_ID", "JOB_MAX_ATTEMPTS", "JOB_QUEUE",
                "JOB_TYPE", "OWN",
            ]
        // Python adds one of its own where the locale is C.
        let variables = lines.filter { $0.hasPrefix("env ") && $0 != "env LC_CTYPE" }
        #expect(variables.map { String($0.dropFirst(4)) } == (names + ofJob).sorted())
        #expect(lines.contains("SigBlk:\t0000000000000000"))
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("no signal is ignored, though the daemon ignores some")
    func signals() async throws {
        let place = try CommandPlace()
        try place.handler(
            "look",
            "#!/bin/sh\ngrep -E '^Sig(Blk|Ign)' /proc/self/status > \(place.directory.file("out"))\n"
        )
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "look")
        await eventually(equals: 1) { try daemon.processed() }
        let zero = String(repeating: "0", count: 16)
        #expect(place.text("out") == "SigBlk:\t\(zero)\nSigIgn:\t\(zero)\n")
        #expect(try await daemon.drain() == .exited(0))
    }
}
