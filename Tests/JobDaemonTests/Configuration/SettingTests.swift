import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Settings with wrong values (78)")
struct SettingTests {
    private func failure(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) -> DaemonOptionsError? {
        #expect(throws: DaemonOptionsError.self) {
            try DaemonCommandLine.parse(arguments, environment: environment)
        }
    }

    private static let namespace =
        "must be 1 to 64 of A-Z a-z 0-9 _ . -, beginning with a letter or digit"
    private static let span = "must be a span such as 500ms, 30s, 5min or 1h"
    private static let level = "must be error, warning, notice, info or debug"
    private static let path = "must be an absolute path of at most 107 bytes"
    private static let concurrency = "must be a number of 1 to 10000"
    private static let tooLong = String(repeating: "x", count: 65)
    private static let longPath = "/" + String(repeating: "x", count: 107)

    private static let bad: [(flag: String, variable: String, value: String, reason: String)] = [
        ("--concurrency", "JQ_CONCURRENCY", "0", "'0' \(concurrency)"),
        ("--concurrency", "JQ_CONCURRENCY", "-1", "'-1' \(concurrency)"),
        ("--concurrency", "JQ_CONCURRENCY", "10001", "'10001' \(concurrency)"),
        ("--concurrency", "JQ_CONCURRENCY", "many", "'many' \(concurrency)"),
        ("--concurrency", "JQ_CONCURRENCY", "1.5", "'1.5' \(concurrency)"),
        (
            "--concurrency", "JQ_CONCURRENCY", "99999999999999999999",
            "'99999999999999999999' \(concurrency)"
        ),
        ("--namespace", "JQ_NAMESPACE", "a{b}", "'a{b}' \(namespace)"),
        ("--namespace", "JQ_NAMESPACE", "a:b", "'a:b' \(namespace)"),
        ("--namespace", "JQ_NAMESPACE", ".a", "'.a' \(namespace)"),
        ("--namespace", "JQ_NAMESPACE", "ä", "'ä' \(namespace)"),
        ("--namespace", "JQ_NAMESPACE", tooLong, "'\(tooLong)' \(namespace)"),
        (
            "--queues", "JQ_QUEUES", "Mail",
            "'Mail' is no name of a queue: use a-z, 0-9, _ . -, beginning with a letter or digit, "
                + "64 at most"
        ),
        ("--queues", "JQ_QUEUES", "a:0", "the weight of queue a must be 1 to 1000"),
        ("--queues", "JQ_QUEUES", "a:1001", "the weight of queue a must be 1 to 1000"),
        ("--queues", "JQ_QUEUES", "a:", "the weight of queue a must be 1 to 1000"),
        ("--queues", "JQ_QUEUES", "a,b,a", "queue a is named twice"),
        ("--queues", "JQ_QUEUES", " , ", "name at least one queue"),
        ("--control", "JQ_CONTROL", "control.sock", "'control.sock' \(path)"),
        ("--control", "JQ_CONTROL", longPath, "'\(longPath)' \(path)"),
        ("--lease", "JQ_LEASE", "soon", "'soon' \(span)"),
        ("--lease", "JQ_LEASE", "-15s", "'-15s' \(span)"),
        ("--lease", "JQ_LEASE", "1e3", "'1e3' \(span)"),
        ("--lease", "JQ_LEASE", "499ms", "'499ms' must be between 500ms and 1h"),
        ("--lease", "JQ_LEASE", "3601", "'3601' must be between 500ms and 1h"),
        ("--drain-timeout", "JQ_DRAIN_TIMEOUT", "25h", "'25h' must be between 0ms and 1d"),
        ("--kill-grace", "JQ_KILL_GRACE", "61min", "'61min' must be between 0ms and 1h"),
        ("--broker-wait", "JQ_BROKER_WAIT", "2d", "'2d' must be between 0ms and 1d"),
        ("--broker-wait", "JQ_BROKER_WAIT", "for ever", "'for ever' \(span)"),
        ("--no-handler", "JQ_NO_HANDLER", "wait", "'wait' must be dead or retry"),
        ("--dead-max", "JQ_DEAD_MAX", "0", "'0' must be a number of 1 to 1000000000"),
        ("--dead-max-age", "JQ_DEAD_MAX_AGE", "0", "'0' must be between 1s and 3650d"),
        ("--log-level", "JQ_LOG_LEVEL", "verbose", "'verbose' \(level)"),
        ("--log-level", "JQ_LOG_LEVEL", "INFO", "'INFO' \(level)"),
    ]

    @Test("each is one line that names the flag or the variable, and what would do", arguments: bad)
    func wrong(flag: String, variable: String, value: String, reason: String) {
        let byFlag = failure([flag, value])
        #expect(byFlag?.isUsage == false)
        #expect(byFlag?.lines == ["\(flag): \(reason)"])
        let byVariable = failure([], [variable: value])
        #expect(byVariable?.isUsage == false)
        #expect(byVariable?.lines == ["\(variable): \(reason)"])
        // A check finds the same.
        #expect(failure(["--check", flag, value])?.lines == ["\(flag): \(reason)"])
    }

    @Test(
        "an empty value of a flag is wrong, not the default",
        arguments: [
            "--addr", "--concurrency", "--queues", "--namespace", "--metrics-addr", "--control",
            "--lease", "--drain-timeout", "--kill-grace", "--broker-wait", "--log-level",
        ])
    func empty(flag: String) {
        for arguments in [["\(flag)="], [flag, ""]] {
            let failure = failure(arguments)
            #expect(failure?.isUsage == false)
            #expect(failure?.lines.count == 1)
            #expect(failure?.lines.first?.hasPrefix("\(flag): ") == true)
        }
    }

    @Test(
        "an address that cannot be is told, and what would do",
        arguments: [
            ("rediss://h:1", "only redis:// and unix:PATH are spoken (no TLS)"),
            ("ftp://h:1", "only redis:// and unix:PATH are spoken (no TLS)"),
            ("h:0", "expected host:port"),
            ("h:65536", "expected host:port"), ("h:port", "expected host:port"),
            (":6379", "expected host:port"), ("::1", "expected host:port"),
            ("unix:run/r.sock", "the path must begin with /"),
            ("redis://h/x", "the database must be a number"),
        ])
    func address(value: String, reason: String) {
        let lines = failure(["--addr", value])?.lines
        #expect(lines?.count == 1)
        #expect(lines?.first?.hasPrefix("--addr: ") == true)
        #expect(lines?.first?.contains(reason) == true, "\(lines ?? [])")
    }

    @Test(
        "a password in an address that cannot be is not told",
        arguments: [
            "redis://user:s3cr3t@host:x", "redis://:s3cr3t@host/db", "s3cr3t@host",
            "ftp://user:s3cr3t@host", "redis://user:s3cr3t%zz@host",
        ])
    func password(value: String) {
        let lines = failure(["--addr", value])?.lines ?? []
        #expect(lines.count == 1)
        #expect(!lines.joined().contains("s3cr3t"))
    }

    @Test(
        "an address for the pages that cannot be is found before anything is started",
        arguments: ["2112", "localhost", ":http", ":65536", ":-1", "a b:1", "::1:2112", "h/x:1"])
    func metricsAddress(value: String) {
        for arguments in [["--metrics-addr", value], ["--check", "--metrics-addr", value]] {
            let lines = failure(arguments)?.lines
            #expect(lines?.count == 1)
            #expect(lines?.first?.hasPrefix("--metrics-addr: ") == true)
            #expect(lines?.first?.contains(value) == true)
        }
    }

    @Test("everything that is wrong is told at once, in the order of the manual")
    func all() {
        let failure = failure(
            ["--lease", "x", "--log-level", "y", "--concurrency", "0"],
            ["JQ_QUEUES": "A", "JQ_DRAIN_TIMEOUT": "z", "JQ_CONCURRENCY": "none"])
        #expect(failure?.isUsage == false)
        #expect(
            failure?.lines.map { $0.prefix { $0 != ":" } } == [
                "--concurrency", "JQ_QUEUES", "--lease", "JQ_DRAIN_TIMEOUT", "--log-level",
            ])
        #expect(failure?.description == failure?.lines.joined(separator: "\n"))
    }
}
