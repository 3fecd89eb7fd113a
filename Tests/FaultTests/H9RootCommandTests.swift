import Foundation
import TestSupport
import Testing

@Suite("H9 A command that becomes root", .enabled(if: geteuid() == 0, "needs root"))
struct H9RootCommandTests {
    @Test("cannot be told to end: that is told once, and health is red while its slot is held")
    func refused() async throws {
        let place = try CommandPlace()
        let directory = place.directory
        chmod(directory.path, 0o777)
        let program = directory.file("becomes-root")
        try FileManager.default.copyItem(atPath: "/usr/bin/setpriv", toPath: program)
        chmod(program, 0o4755)
        try place.command(
            "root",
            "\(program) --reuid 0 --regid 0 --clear-groups /bin/sh -c 'echo $$ > \(directory.file("pid")); exec sleep 1000'",
            more: "Timeout=1s\nMaxAttempts=1")
        let runtime = try TemporaryDirectory()
        chmod(runtime.path, 0o777)
        let daemon = try DaemonProcess(
            address: "sqlite::memory:",
            [
                "--config", directory.file("jobqueued.conf"), "--kill-grace", "100ms",
                "--drain-timeout", "100ms",
            ],
            directory: runtime,
            launcher: [
                "/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
            ])
        try await daemon.ready()
        try await daemon.done("enqueue", "--type", "root")
        await eventually { place.text("pid")?.hasSuffix("\n") == true }
        let text = place.text("pid")?.trimmingCharacters(in: .whitespacesAndNewlines)
        let process = try #require(pid_t(text ?? ""))
        try await daemon.child.line(
            containing: "runs as another user by now and cannot be told to end")
        await eventually { try daemon.get("/healthz").body.contains("cannot be told to end") }
        #expect(daemon.log.count { $0.contains("runs as another user by now") } == 1)
        kill(process, SIGKILL)
        await eventually { try daemon.get("/healthz").body == "ok\n" }
        #expect(try await daemon.drain() == .exited(0))
    }
}
