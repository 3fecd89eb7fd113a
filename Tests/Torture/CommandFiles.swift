import Foundation
import TestSupport

/// A configuration with a command as handler, beside the handlers in Swift.
struct CommandFiles {
    /// The type of its jobs.
    static let type = "test:command"
    private let directory: TemporaryDirectory

    /// - Parameter effects: where the command leaves a line before it succeeds.
    init(_ effects: EffectFile) throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "jobqueued.conf")
        try FileManager.default.createDirectory(
            atPath: directory.file("handlers.d"), withIntermediateDirectories: true)
        let script = try directory.write(
            """
            #!/bin/sh
            case $(cat) in
                *fail_first*) [ "$JOB_ATTEMPT" -gt 1 ] || exit 1 ;;
                *ms*) sleep 0.1 ;;
            esac
            echo "X $JOB_ID $JOB_ATTEMPT" >>"$EFFECTS"

            """, to: "command", mode: 0o755)
        try directory.write(
            """
            [Handler]
            Type=\(Self.type)
            Exec=\(script)
            Environment=EFFECTS=\(effects.path)
            RetryBase=20ms
            RetryMax=200ms

            """, to: "handlers.d/command.conf")
    }

    /// What a daemon is told.
    var arguments: [String] { ["--config", directory.file("jobqueued.conf")] }
}
