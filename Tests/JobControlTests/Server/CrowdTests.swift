import Glibc
import JobControl
import TestSupport
import Testing

@Suite("C1: many clients of the control socket, and slow ones")
struct CrowdTests {
    private static let drained = #"{"parameters":{"running":2,"timeout_ms":30000}}"#

    @Test("32 clients are served at a time; one more is told so, and served when one has left")
    func clientLimit() async throws {
        try await withControlServer { stand in
            var clients = try (0..<32).map { _ in try stand.client() }
            for client in clients { #expect(try client.ask("Drain") == Self.drained) }
            let text = try stand.client().readToEnd()
            #expect(
                text.contains("32 clients are connected, and no more can be; try again later"))
            let refused = stand.tool("stats")
            #expect(refused.status == .refused && refused.errors.contains("try again later"))
            // None of those that were there has lost anything.
            for client in clients { #expect(try client.ask("Drain") == Self.drained) }
            clients.removeLast()
            await eventually { try stand.client().ask("Drain") == Self.drained }
        }
    }

    @Test("a call that takes its time holds up no other client")
    func slowCall() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.held = [.stats] }
            let slow = try stand.client()
            try slow.send(#"{"method":"io.jobqueue.Control.GetStats"}"# + "\0")
            try await stand.service.expectCall(.stats)
            for _ in 0..<10 { #expect(try stand.client().ask("Drain") == Self.drained) }
            stand.service.answers.update { $0.held = [] }
            #expect(try slow.reply().contains(#""pending":1234"#))
        }
    }

    @Test("a client that never reads holds up nobody, is asked for nothing more, and is sent away")
    func neverReads() async throws {
        try await withControlServer(limits: { $0.patience = .seconds(2) }) { stand in
            var job = Sample.deadJob()
            job.payload = "\"" + String(repeating: "x", count: 1_900_000) + "\""
            stand.service.answers.update { [job] in $0.found = [job] }
            let client = try stand.client()
            let call = #"{"method":"io.jobqueue.Control.Show","parameters":{"id":"j1"}}"# + "\0"
            try client.send(String(repeating: call, count: 200))
            try await stand.service.expectCall(.jobs(id: "j1"))
            for _ in 0..<20 { #expect(try stand.client().ask("Drain") == Self.drained) }
            // The first answer is stuck: the second call was not begun.
            #expect(stand.service.calls.value.count { $0 == .jobs(id: "j1") } == 1)
            await eventually("the client is sent away", within: .seconds(30)) {
                do {
                    try client.send(" ")
                    return false
                } catch {
                    return true
                }
            }
            #expect(stand.service.calls.value.count { $0 == .jobs(id: "j1") } == 1)
            let received = try client.readToEnd()
            #expect(received.utf8.count < 1_900_000)
        }
    }

    @Test("a client that reads slowly gets its whole answer")
    func readsSlowly() async throws {
        try await withControlServer { stand in
            var job = Sample.deadJob()
            job.payload = "\"" + String(repeating: "x", count: 1_900_000) + "\""
            stand.service.answers.update { [job] in $0.found = [job] }
            let client = try stand.client()
            try client.send(
                #"{"method":"io.jobqueue.Control.Show","parameters":{"id":"j1"}}"# + "\0")
            // The server has met a full buffer, and goes on with others.
            try await stand.service.expectCall(.jobs(id: "j1"))
            #expect(try stand.client().ask("Drain") == Self.drained)
            #expect(try client.reply().utf8.count > 1_900_000)
        }
    }

    /// In a process of its own, where nobody else opens descriptors.
    @Test("1 000 connects, good and bad ones, leave no descriptor behind")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            try await withControlServer { stand in
                let client = try stand.client()
                _ = try client.ask("Drain")
                let before = try openSockets()
                for number in 0..<1_000 {
                    let client = try stand.client()
                    switch number % 5 {
                    case 0: break
                    case 1: try client.send("{")
                    case 2: _ = try client.ask("Drain")
                    case 3:
                        try client.send(#"{"method":"io.jobqueue.Control.Drain"}"# + "\0")
                    default:
                        try client.send("no varlink\0")
                        _ = try client.readToEnd()
                    }
                }
                await eventually(equals: before, within: .seconds(30)) { try openSockets() }
                let answer = try client.ask("Drain")
                #expect(answer == Self.drained)
            }
        }
    }

    @Test("1 000 connections at once cannot take the descriptors, and the first client is served")
    func flood() async {
        await #expect(processExitsWith: .success) {
            try await withControlServer { stand in
                let client = try stand.client()
                _ = try client.ask("Drain")
                let before = try openSockets()
                var crowd: [RawControlClient] = []
                for _ in 0..<1_000 { crowd.append(try stand.client()) }
                #expect(try client.ask("Drain") == Self.drained)
                // Those beyond the 31 that found a place were closed.
                let open = try openSockets()
                #expect(open <= before + 1_000 + 31)
                crowd = []
                await eventually(equals: before, within: .seconds(30)) { try openSockets() }
                await eventually { try stand.client().ask("Drain") == Self.drained }
            }
        }
    }

    @Test("without descriptors left the server takes a rest, and serves again afterwards")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            try await withControlServer { stand in
                let first = try stand.client()
                _ = try first.ask("Drain")
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                limit.rlim_cur = rlim_t(try openDescriptors() + 50)
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                var fillers: [Int32] = []
                while case let filler = dup(0), filler >= 0 { fillers.append(filler) }
                // One is left, for the client: the server has none.
                close(fillers.removeLast())
                let late = try stand.client()
                try await stand.expectLog(containing: "raise LimitNOFILE=")
                for _ in 0..<100 { #expect(try first.ask("Drain") == Self.drained) }
                for filler in fillers { close(filler) }
                #expect(try late.ask("Drain") == Self.drained)
                // One line for each rest of a second, not one for each time round the loop.
                #expect(stand.log.value.count { $0.contains("LimitNOFILE") } <= 30)
            }
        }
    }
}

/// How many sockets this process has open. What the runtime opens for itself, and when, is its matter.
private func openSockets() throws -> Int {
    try openDescriptors { number in
        var target = [UInt8](repeating: 0, count: 64)
        let count = target.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return readlink("/proc/self/fd/\(number)", start, buffer.count)
        }
        return count > 0 && target.starts(with: "socket:".utf8)
    }
}

/// How many descriptors this process has open.
private func openDescriptors(_ isMeant: (Int32) -> Bool = { _ in true }) throws -> Int {
    guard let directory = opendir("/proc/self/fd") else { throw TestSupportError("no /proc") }
    defer { closedir(directory) }
    var count = 0
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if let number = Int32(name), isMeant(number) { count += 1 }
    }
    return count
}
