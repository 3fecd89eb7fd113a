import Foundation
import TestSupport
import Testing

@Suite("H6 A command that cannot be started")
struct H6UnstartableTests {
    @Test(
        "when it has become so while the daemon runs, its job is tried again, and the reason is kept",
        arguments: ["once", "persistent"])
    func reasons(mode: String) async throws {
        let place = try CommandPlace()
        for type in ["gone", "mode", "text", "shebang", "directory"] {
            var more = "Mode=\(mode)"
            if type == "directory" {
                try FileManager.default.createDirectory(
                    atPath: place.directory.file("work"), withIntermediateDirectories: false)
                more += "\nWorkingDirectory=\(place.directory.file("work"))"
            }
            try place.handler(type, "#!/bin/sh\n", more: more)
        }
        // As much as no system takes: trying again cannot help.
        try place.command(
            "long", "/bin/echo \(String(repeating: "x", count: 200_000))", more: "Mode=\(mode)")
        let daemon = try await place.daemon()
        try FileManager.default.removeItem(atPath: place.directory.file("gone"))
        try place.directory.write("#!/bin/sh\n", to: "mode", mode: 0o644)
        try place.directory.write("exit 0\n", to: "text", mode: 0o755)
        try place.directory.write("#!/nowhere/at-all\n", to: "shebang", mode: 0o755)
        try FileManager.default.removeItem(atPath: place.directory.file("work"))
        for (type, reason) in [
            ("gone", "there is no such file"), ("mode", "permission denied"),
            ("text", "it is no program of this machine"),
            ("shebang", "the interpreter that its first line names does not exist"),
            ("long", "its arguments and environment are longer than the system takes"),
            ("directory", "in the directory \(place.directory.file("work")): No such file"),
        ] {
            try await daemon.done(
                "enqueue", "--type", type, "--id", type, "--max-attempts",
                type == "long" ? "5" : "1")
            let attempt = type == "long" ? "1 of 5" : "1 of 1"
            await eventually {
                daemon.log.contains {
                    $0.contains("dead after attempt \(attempt): cannot start")
                        && $0.contains("type=\(type) ")
                }
            }
            await eventually {
                try await daemon.done("dead", "show", type).contains { $0.contains(reason) }
            }
        }
        #expect(daemon.children().isEmpty)
        #expect(try await daemon.drain() == .exited(0))
    }
}
