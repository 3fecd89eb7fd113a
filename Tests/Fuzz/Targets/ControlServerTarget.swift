import EventLoop
import Foundation
import JobControl
import LinuxSystem
import TestSupport

/// The control socket, and whatever a client may send on it. Each frame that is a call gets one answer,
/// in order; what is none gets a last one; then the connection ends.
final class ControlServerTarget: FuzzTarget {
    private static let frameLimit = 512
    /// Far more than it takes: an answer that never comes is a finding.
    private static let patience = Duration.seconds(20)

    private let directory: TemporaryDirectory
    private let loop: EventLoop
    private let server: ControlServer

    init() async throws {
        directory = try TemporaryDirectory()
        loop = try EventLoop()
        try loop.start()
        var limits = ControlLimits()
        limits.frame = Self.frameLimit
        server = ControlServer(
            loop: loop, listener: try UnixSocket.listen(path: directory.file("s"), mode: 0o600),
            socketPath: nil, access: ControlAccess(users: [UserDatabase.ownUserID], group: nil),
            service: AnsweringService(), limits: limits, report: { _ in })
        try await server.start()
    }

    deinit { loop.stop() }

    func run(_ input: [UInt8]) throws {
        let socket = try UnixSocket.connect(path: directory.file("s"), timeout: Self.patience)
        var rest = input[...]
        // A server that has ended the connection takes no more; it has answered all the same.
        while !rest.isEmpty, case .sent(let count) = try socket.send(rest) {
            rest = rest.dropFirst(count)
        }
        shutdown(socket.number, Int32(SHUT_WR))
        var output: [UInt8] = []
        reading: while true {
            switch try socket.read(atMost: 65_536) {
            case .bytes(let bytes): output += bytes
            case .nothingYet: throw Finding("the connection does not end")
            case .end: break reading
            }
        }
        try check(output, answersTo: input)
    }

    private func check(_ output: [UInt8], answersTo input: [UInt8]) throws {
        guard output.isEmpty || output.last == 0 else { throw Finding("half an answer") }
        let answers = output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        let expected = Self.answersExpected(of: input)
        guard answers.count == expected else {
            throw Finding("\(answers.count) answers, and not \(expected)")
        }
        for answer in answers {
            guard answer.count <= Self.frameLimit + 256,
                let reply = JSONCheck.foundationValue(Array(answer)) as? [String: Any],
                reply["parameters"] is [String: Any]
            else { throw Finding("no answer: \(String(decoding: answer, as: UTF8.self))") }
            let error = reply["error"] as? String
            guard error == nil || error?.contains(".") == true else {
                throw Finding("no error: \(error ?? "")")
            }
        }
    }

    /// How many answers varlink asks for, up to where what came is no varlink any more.
    private static func answersExpected(of input: [UInt8]) -> Int {
        var frames = input.split(separator: 0, omittingEmptySubsequences: false)
        let rest = frames.removeLast()
        var count = 0
        for frame in frames {
            guard frame.count <= frameLimit,
                let call = try? JSONDecoder().decode(Call.self, from: Data(frame))
            else { return count + 1 }
            if call.oneway != true { count += 1 }
        }
        return rest.isEmpty ? count : count + 1
    }

    private struct Call: Decodable {
        let method: String
        let oneway: Bool?
        let more: Bool?
        let upgrade: Bool?
    }
}

extension ControlServerTarget {
    static let seeds = [
        #"{"method":"org.varlink.service.GetInfo"}|"#,
        #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"x"}}|"#,
        #"{"method":"io.jobqueue.Control.GetStats","more":true}|{"method":"x.Y"}|"#,
        #"{"method":"io.jobqueue.Control.Enqueue","parameters":{"type":"a","payload":"1"}}|"#,
        #"{"method":"io.jobqueue.Control.Enqueue","parameters":{"type":"a","count":10000,"id":"j"}}|"#,
        #"{"method":"io.jobqueue.Control.Pause","parameters":{"queues":["mail"]},"oneway":true}|"#,
        #"{"method":"io.jobqueue.Control.ListDead","parameters":{"limit":2,"queue":"mail"}}|"#,
        #"{"method":"io.jobqueue.Control.Show","parameters":{"id":"j1"}}|"#,
        #"{"method":"io.jobqueue.Control.Requeue","parameters":{"ids":["a","b"]}}|{"method""#,
        #"{"method":"io.jobqueue.Control.Delete","parameters":{"all":true,"type":"a"}}|"#,
        #"{"method":"io.jobqueue.Control.Drain","upgrade":true}|"#,
        #"{"method":"io.jobqueue.Control.GetWorkers","parameters":null}|1|"#,
        "|", "", String(repeating: "a", count: frameLimit + 1),
    ].map { $0.utf8.map { $0 == UInt8(ascii: "|") ? 0 : $0 } }

    static let tokens =
        [[0]]
        + [
            "\"method\":", "\"parameters\":", "\"oneway\":", "\"more\":", "\"upgrade\":", "true",
            "false", "null", "{", "}", "[", "]", ",", "\"", "\\u0000", "\\ud800", "-1", "1e5",
            "1.5",
            "9223372036854775807", "9223372036854775808", "io.jobqueue.Control.", "GetQueues",
            "org.varlink.service.", "\"delay_ms\":", "\"at_ms\":", "\"unique_key\":",
            "\"headers\":",
            "\"max_attempts\":", "\"timeout_ms\":", "\"count\":", "\"queue\":", "Resume", "é", "😀",
        ].inputs
}
