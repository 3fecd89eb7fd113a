/// The commands of `jobqueuectl`, with their flags and what `--help` says about them.
package enum CommandName: String, CaseIterable, Sendable {
    case stats, enqueue, pause, resume, dead, requeue, delete, show, queues, workers, top, reload
    case check, drain, export
    case importJobs = "import"

    /// The command that a first word names; `nil`: there is none, or it asks for help.
    init?(first word: String?) throws(UsageError) {
        guard let word, word != "help" else { return nil }
        guard let name = CommandName(rawValue: word) else {
            let known = CommandName.allCases.map(\.rawValue)
            let hint = Suggestion.text(for: word, among: known)
            throw UsageError("there is no command \(word)\(hint)")
        }
        self = name
    }

    /// The flags that every command has.
    static let commonFlags = ["socket", "instance", "json", "help", "version"]

    /// Every flag of every command.
    static let flags = Arguments.Flags(
        withValue: [
            "socket", "instance", "type", "payload", "count", "queue", "delay", "at", "unique",
            "id", "max-attempts", "timeout", "limit", "retention", "remember", "wait-limit",
        ], plain: ["json", "help", "version", "all", "wait"])

    /// The flags that this command has beside the common ones.
    var ownFlags: [String] {
        switch self {
        case .enqueue:
            [
                "type", "payload", "count", "queue", "delay", "at", "unique", "id", "max-attempts",
                "timeout", "retention", "remember", "wait", "wait-limit",
            ]
        case .dead: ["queue", "limit"]
        case .requeue: ["all", "type"]
        case .delete: ["all"]
        case .stats, .pause, .resume, .show, .queues, .workers, .top, .reload, .check, .drain,
            .export, .importJobs:
            []
        }
    }

    /// What follows the name.
    private var arguments: String {
        switch self {
        case .stats, .queues, .workers, .top, .reload, .check, .drain: ""
        case .export: "> FILE"
        case .importJobs: "[FILE]"
        case .enqueue: "--type NAME [--payload JSON|@FILE|-] [FLAGS]"
        case .pause, .resume: "[QUEUE…]"
        case .dead: "[list [--queue QUEUE] [--limit N] | show ID]"
        case .requeue: "ID… | --all [--type NAME]"
        case .delete: "ID… | --all"
        case .show: "ID"
        }
    }

    private var summary: String {
        switch self {
        case .stats: "how many jobs wait, run and are dead"
        case .enqueue: "put jobs in; prints their ids"
        case .pause: "claim nothing more from these queues, or from all"
        case .resume: "let paused queues go on"
        case .dead: "the dead jobs, newest first, or one of them"
        case .requeue: "give dead jobs another try"
        case .delete: "drop dead, scheduled or pending jobs; with --all, the dead ones"
        case .show: "all that is known about a job"
        case .queues: "the queues, and who works on them"
        case .workers: "the daemons that are running"
        case .top: "all of that on one page, anew each second; q ends it"
        case .reload: "have this daemon read its configuration and handler files anew"
        case .check: "have this daemon say what is wrong with its files, and change nothing"
        case .drain: "let this daemon finish what it runs, and end"
        case .export: "print all jobs that do not run, a line each, to move them elsewhere"
        case .importJobs: "put exported jobs in, as they were"
        }
    }

    // MARK: - Help

    /// What `--help` says: about `command`, or about the program.
    package static func help(about command: CommandName?) -> String {
        command?.help ?? programHelp
    }

    private var help: String {
        let usage = "usage: jobqueuectl \(rawValue) \(arguments)".trimmingSpacesAtEnd
        return "\(usage)\n\n\(summary)\n\(details)\n\(Self.commonHelp)"
    }

    /// What there is to know of this command beside its summary.
    private var details: String {
        switch self {
        case .enqueue: "\n" + Self.enqueueFlags
        case .export: "\n" + Self.exportDetails
        case .importJobs: "\n" + Self.importDetails
        default: ""
        }
    }

    private static var programHelp: String {
        let lines = allCases.map { command in
            let name = command.rawValue
            return "  " + name + String(repeating: " ", count: 10 - name.count) + command.summary
        }
        return """
            usage: jobqueuectl [FLAGS] COMMAND [ARGUMENTS]

            Looks at and steers the queues of a running jobqueued.

            \(lines.joined(separator: "\n"))

            jobqueuectl COMMAND --help tells more about a command.

            \(commonHelp)
            """
    }

    private static let enqueueFlags = """
          --type NAME         which handler runs it
          --payload JSON      what the handler is given (null): JSON, @FILE, or - for standard input
          --count N           so many equal jobs (1)
          --queue QUEUE       the queue to put it in (default)
          --delay SPAN        not before so long from now: 10s, 5m, 1h30m, 2d
          --at TIME           not before this time: 2026-01-31T08:30:00Z, or Unix seconds
          --unique KEY        only if no job with this key waits or runs in this queue; else exit 4
          --id ID             the job's id; sent again to this queue, it adds nothing: exit 3
          --remember SPAN     for how long the id is remembered (24h), up to 1826d
          --max-attempts N    attempts before a failure is final
          --timeout SPAN      how long one attempt may take
          --retention SPAN    for how long its end and result are kept for show, up to 30d
          --wait              wait until it has ended, and print its result; exit 0 when it is done,
                              1 when it is dead, 5 when it is gone: deleted, or its end was not kept
          --wait-limit SPAN   the same, but no longer than this; then exit 6, and the job goes on

        """

    private static let exportDetails = """
        Pending, scheduled and dead jobs of all queues, with their attempts and times. Pause the
        queues before, and wait until nothing is active: what is active is left out, and counted
        on standard error. In a paused queue nothing becomes due until the export is done.

        """

    private static let importDetails = """
        Reads FILE, or standard input. A job goes where it was: pending, scheduled or dead, with
        its attempts and times. A line that was imported before adds nothing (for 24 hours), so
        an import that was cut short is simply done again. A line that is no job is told and left
        out; the others go in, and the exit status is 1.

        """

    private static let commonHelp = """
          --socket PATH       the daemon's control socket ($JQ_CONTROL, else
                              $RUNTIME_DIRECTORY/control.sock where one is there, else
                              /run/jobqueued/control.sock)
          --instance NAME     that of jobqueued@NAME: /run/jobqueued-NAME/control.sock
          --json              print the reply as JSON
          --help, --version

        Exit status: 0 done, 1 refused or not found, 64 wrong usage, 65 the job is not acceptable,
        69 no daemon answers; of enqueue 3 to 6 as well, see enqueue --help.

        """
}

extension String {
    fileprivate var trimmingSpacesAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
