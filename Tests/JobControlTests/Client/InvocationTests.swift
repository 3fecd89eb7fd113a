import JobControl
import Testing

@Suite("What jobqueuectl is asked to do")
struct InvocationTests {
    private static func order(_ change: (inout EnqueueOrder) -> Void) -> EnqueueOrder {
        var order = EnqueueOrder(type: "t")
        change(&order)
        return order
    }

    /// One argument for each word of the line.
    private func invocation(_ line: String) throws -> Invocation {
        try Invocation(line.split(separator: " ").map(String.init))
    }

    private static let good: [(line: String, command: ControlCommand)] = [
        ("stats", .stats), ("queues", .queues), ("workers", .workers), ("drain", .drain),
        ("check", .check),
        ("pause", .pause([])), ("pause a b", .pause(["a", "b"])),
        ("resume", .resume([])), ("resume a", .resume(["a"])),
        ("dead", .listDead(queue: nil, limit: nil)),
        ("dead list", .listDead(queue: nil, limit: nil)),
        ("dead list --queue q --limit 5", .listDead(queue: "q", limit: 5)),
        ("dead --limit=1000", .listDead(queue: nil, limit: 1_000)),
        ("dead show j1", .showDead(id: "j1")), ("show j1", .show(id: "j1")),
        ("show -- --j1", .show(id: "--j1")),
        ("requeue a b", .requeue(.ids(["a", "b"]))), ("requeue --all", .requeue(.all(type: nil))),
        ("requeue --all --type email:welcome", .requeue(.all(type: "email:welcome"))),
        ("delete a", .delete(.ids(["a"]))), ("delete --all", .delete(.all(type: nil))),
        ("enqueue --type t", .enqueue(order { _ in }, payload: .none, count: 1)),
        (
            "enqueue --type t --payload {}",
            .enqueue(order { _ in }, payload: .text("{}"), count: 1)
        ),
        (
            "enqueue --type t --payload -",
            .enqueue(order { _ in }, payload: .standardInput, count: 1)
        ),
        (
            "enqueue --type t --payload @a/b.json --count 3",
            .enqueue(order { _ in }, payload: .file("a/b.json"), count: 3)
        ),
        (
            "enqueue --type t --payload=-1 --count=1000000",
            .enqueue(order { _ in }, payload: .text("-1"), count: 1_000_000)
        ),
        (
            "enqueue --type t --queue q --unique k --id j --max-attempts 3 --timeout 1m --count 1",
            .enqueue(
                order {
                    $0.queue = "q"
                    $0.uniqueKey = "k"
                    $0.id = "j"
                    $0.maxAttempts = 3
                    $0.timeout = 60_000
                }, payload: .none, count: 1)
        ),
        (
            "enqueue --type t --delay 10m",
            .enqueue(order { $0.delay = 600_000 }, payload: .none, count: 1)
        ),
        (
            "enqueue --type t --at 2026-01-31T08:30:00Z",
            .enqueue(order { $0.startAt = 1_769_848_200_000 }, payload: .none, count: 1)
        ),
        ("help", .help(nil)), ("--help", .help(nil)), ("-h", .help(nil)),
        ("help enqueue", .help(.enqueue)), ("enqueue --help", .help(.enqueue)),
        ("dead show -h", .help(.dead)), ("--version", .version), ("stats --version", .version),
    ]

    @Test("every command of the manual is understood", arguments: good)
    func commands(line: String, command: ControlCommand) throws {
        let plain = try invocation(line)
        #expect(plain.command == command)
        #expect(plain.socket == nil && !plain.isJSON)
        let more = try invocation("--json --socket /run/x.sock " + line)
        #expect(more.command == command)
        #expect(more.socket == "/run/x.sock" && more.isJSON)
    }

    @Test("every command can be asked for help about itself", arguments: CommandName.allCases)
    func help(name: CommandName) throws {
        #expect(try invocation("\(name.rawValue) --help").command == .help(name))
        #expect(try invocation("help \(name.rawValue)").command == .help(name))
        let text = CommandName.help(about: name)
        #expect(text.hasPrefix("usage: jobqueuectl \(name.rawValue)"))
        #expect(text.contains("--socket PATH") && text.contains("Exit status: 0 done, 1 refused"))
        #expect(CommandName.help(about: nil).contains("\n  \(name.rawValue) "))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test("every flag of enqueue is described in its help")
    func enqueueHelp() {
        let text = CommandName.help(about: .enqueue)
        for flag in [
            "type", "payload", "count", "queue", "delay", "at", "unique", "id", "max-attempts",
            "timeout",
        ] { #expect(text.contains("\n  --\(flag) ")) }
    }

    private static let bad: [(line: String, message: String)] = [
        ("", "no command is given"), ("--json", "no command is given"),
        ("stat", "there is no command stat; did you mean stats?"),
        ("enqeue --type t", "there is no command enqeue; did you mean enqueue?"),
        ("puase", "there is no command puase; did you mean pause?"),
        ("frobnicate", "there is no command frobnicate"),
        ("help frobnicate", "there is no command frobnicate"),
        ("Stats", "there is no command Stats; did you mean stats?"),
        ("stats now", "stats takes no argument now"), ("queues q", "queues takes no argument q"),
        ("workers w", "workers takes no argument w"), ("drain now", "drain takes no argument now"),
        ("stats --queue q", "stats has no flag --queue"),
        ("pause --all", "pause has no flag --all"),
        ("delete --all --type t", "delete has no flag --type"),
        ("show --limit 1 j", "show has no flag --limit"),
        ("requeue --queue q a", "requeue has no flag --queue"),
        ("show", "show takes the id of one job"), ("show a b", "show takes the id of one job"),
        ("dead show", "dead takes the id of one job"),
        ("dead show a b", "dead takes the id of one job"),
        ("dead show a --limit 5", "dead show has no flag --limit"),
        ("dead show a --queue q", "dead show has no flag --queue"),
        ("dead list x", "dead list takes no argument x"),
        ("dead lst", "dead takes list or show, not lst; did you mean list?"),
        ("dead j1", "dead takes list or show, not j1"),
        ("dead --limit 0", "--limit takes a number from 1 on, not 0"),
        ("dead --limit 1001", "--limit takes a number up to 1000"),
        ("dead --limit x", "--limit takes a number from 1 on, not x"),
        ("requeue", "requeue needs the ids of jobs, or --all"),
        ("delete", "delete needs the ids of jobs, or --all"),
        ("requeue a --all", "requeue takes ids or --all, not both"),
        ("delete a --all", "delete takes ids or --all, not both"),
        ("requeue a --type t", "--type goes with --all only"),
        ("requeue --type t", "requeue needs the ids of jobs, or --all"),
        ("enqueue", "enqueue needs the job's type: --type NAME"),
        ("enqueue t", "enqueue needs the job's type: --type NAME"),
        ("enqueue --type t x", "enqueue takes no argument x"),
        ("enqueue --type t --count 0", "--count takes a number from 1 on, not 0"),
        ("enqueue --type t --count -1", "--count takes a number from 1 on, not -1"),
        ("enqueue --type t --count +1", "--count takes a number from 1 on, not +1"),
        ("enqueue --type t --count 1e3", "--count takes a number from 1 on, not 1e3"),
        ("enqueue --type t --count ١", "--count takes a number from 1 on, not ١"),
        (
            "enqueue --type t --count 99999999999999999999",
            "--count takes a number from 1 on, not 99999999999999999999"
        ),
        (
            "enqueue --type t --max-attempts none",
            "--max-attempts takes a number from 1 on, not none"
        ),
        (
            "enqueue --type t --delay soon",
            "--delay takes a span such as 10s, 5m, 1h30m or 2d, not soon"
        ),
        (
            "enqueue --type t --timeout -5s",
            "--timeout takes a span such as 10s, 5m, 1h30m or 2d, not -5s"
        ),
        (
            "enqueue --type t --at tomorrow",
            "--at takes a time with seconds and zone, such as 2026-01-31T08:30:00Z or "
                + "'2026-01-31 08:30:00+01:00', or Unix seconds, not tomorrow"
        ),
        ("enqueue --type t --delay 1s --at 5", "--delay and --at exclude each other"),
        (
            "enqueue --type t --id j --count 2",
            "--id names one job: it does not go with --count 2"
        ),
        ("enqueue --type", "--type needs a value"),
        ("enqueue --type --json", "--type needs a value"),
        ("enqueue --type t --type u", "--type is given twice"),
        ("stats --socket", "--socket needs a value"),
        ("stats --jsn", "there is no flag --jsn; did you mean --json?"),
        ("enqueue --typ t", "there is no flag --typ; did you mean --type?"),
    ]

    @Test("what makes no sense is told in words, with the nearest known one", arguments: bad)
    func refused(line: String, message: String) {
        #expect(throws: UsageError(message)) { try invocation(line) }
    }

    @Test("an empty argument is an argument")
    func emptyArgument() {
        #expect(throws: UsageError("there is no command ")) { try Invocation([""]) }
        #expect(throws: UsageError("stats takes no argument ")) { try Invocation(["stats", ""]) }
    }
}
