import Foundation
import JobControl
import LinuxSystem
import TestSupport

/// `jobqueuectl`, and whatever may answer it. It ends, says why when it does not understand, and prints
/// nothing that a terminal would take for orders.
///
/// An input's first letter chooses the command, a capital one with `--json`; all else is the answer to
/// each call.
final class ControlToolTarget: FuzzTarget {
    private static let commands: [[String]] = [
        ["stats"], ["queues"], ["workers"], ["drain"], ["pause", "mail"], ["resume"], ["dead"],
        ["show", "j1"], ["dead", "show", "j1"], ["requeue", "j1"], ["delete", "--all"],
        ["enqueue", "--type", "a", "--count", "2"],
        // More than one call takes.
        ["requeue"] + (0...ControlChange.listLimit).map { "j\($0)" },
    ]

    private let directory: TemporaryDirectory
    private let server: AnsweringServer
    private let answer = Watched<[UInt8]>([])

    init() throws {
        directory = try TemporaryDirectory()
        server = try AnsweringServer(path: directory.file("s")) { [answer] in
            ToolConversation(answer: answer.value)
        }
    }

    private struct ToolConversation: Conversation {
        let answer: [UInt8]

        func receive(_ bytes: [UInt8]) -> Answer {
            (bytes.last == 0 ? answer + [0] : [], ends: false)
        }
    }

    func run(_ input: [UInt8]) throws {
        let choice = Int(input.first ?? 0)
        answer.update { $0 = Array(input.dropFirst()) }
        let arguments = Self.commands[(choice + 31) % 32 % Self.commands.count]
        let json = choice & 0x20 == 0 ? ["--json"] : []
        let result = ControlTool.run(
            arguments + json + ["--socket", directory.file("s")],
            in: ControlTool.Surroundings(
                environment: [:], isTerminal: false, now: 1_769_848_200_000
            ) { _ throws(SystemError) in [] })
        for scalar in (result.output + result.errors).unicodeScalars {
            let isHarmful = scalar.value < 0x20 && scalar != "\n" || scalar.value == 0x7F
            guard !isHarmful, scalar.properties.generalCategory != .format else {
                throw Finding("U+\(String(scalar.value, radix: 16)) on the terminal")
            }
        }
        guard result.status != .usage else { throw Finding(result.errors) }
        if result.status == .noDaemon {
            guard result.errors.contains("is not understood") else { throw Finding(result.errors) }
        }
        guard !result.output.isEmpty || !result.errors.isEmpty || result.status == .done else {
            throw Finding("it failed without a word")
        }
        if json != [], !result.output.isEmpty {
            guard JSONCheck.foundationValue(Array(result.output.utf8)) != nil else {
                throw Finding("no JSON: \(result.output)")
            }
        }
    }
}

extension ControlToolTarget {
    private static let answers = [
        """
        a{"parameters":{"queues":[{"queue":"mail","pending":1,"scheduled":2,"active":0,"dead":3,
        "paused":true,"oldest_pending_at_ms":5,"trouble":"é"}],"totals":{"done":1,"dead":2,
        "retried":3,"recovered":4}}}
        """,
        """
        b{"parameters":{"queues":[{"queue":"mail","workers":1,"paused":false,"totals":{"done":1,
        "dead":2,"retried":3,"recovered":4}}]}}
        """,
        """
        c{"parameters":{"workers":[{"id":"w","host":"h","pid":1,"version":"1","started_at_ms":1,
        "concurrency":2,"queues":["a"],"active":1,"lease_left_ms":-1}]}}
        """,
        #"d{"parameters":{"running":2,"timeout_ms":30000}}"#,
        #"e{"parameters":{"queues":["mail"]}}"#, #"f{"parameters":{"queues":null}}"#,
        """
        g{"parameters":{"jobs":[{"state":"dead","queue":"q","id":"j1","type":"t","attempts":1,
        "max_attempts":2,"died_at_ms":3,"last_error":"\\u001b[2J"}],"more":true}}
        """,
        """
        h{"parameters":{"jobs":[{"state":"scheduled","queue":"q","due_at_ms":99,"lost":2,
        "enqueued_at_ms":-1,"payload":"{}","raw":"AA==","left_out_bytes":9,"worker":"w"}]}}
        """,
        #"i{"parameters":{"jobs":[]}}"#,
        """
        j{"parameters":{"count":1,"changed":["j1"],"unchanged":[{"id":"a","reason":"b"}],
        "missing":["c"]}}
        """,
        #"l{"parameters":{"jobs":[{"id":"j1","duplicate":true}]}}"#,
        #"m{"parameters":{"count":1,"changed":[],"unchanged":[],"missing":[]}}"#,
        #"a{"error":"io.jobqueue.Control.Refused","parameters":{"reason":"no\n"}}"#,
        #"a{"error":"io.jobqueue.Control.PermissionDenied","parameters":{"uid":1,"pid":2}}"#,
        #"a{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"x"}}"#,
        "a{}", "a",
    ]

    static let seeds = (answers + answers.map { $0.prefix(1).uppercased() + $0.dropFirst() }).inputs

    static let tokens = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "A", "G", "H", "J", "M",
        "\"error\":", "\"parameters\":", "null", "true", "false", "{", "}", "[", "]", ",", "-1",
        "9223372036854775807", "-9223372036854775808", "253402300799999", "1e5", "1e99",
        "\u{202E}", "\u{FEFF}", "\\u001b", "\\u009b", "\u{7F}", "\\ud800", "e\u{301}",
        "👩‍👩‍👧", "io.jobqueue.Control.BrokerUnreachable", "active", "pending", "\\r\\n",
    ].inputs
}
