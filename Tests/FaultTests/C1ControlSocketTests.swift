import Foundation
import TestSupport
import Testing

/// What the server alone makes of its clients stands in `JobControlTests`.
@Suite("C1 Clients of the control socket that do not behave")
struct C1ControlSocketTests {
    @Test("whatever they send, jobs run, others are answered, and no descriptor is left")
    func misbehave() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        // The first job and the first call open what stays open.
        try BareQueue(redis).push(BareQueue.job("t-0"))
        await eventually(equals: 1) { try BareQueue(redis).total("done") }
        try await daemon.done("stats")
        let before = try #require(try daemon.metric("process_open_fds"))
        do {
            // Twenty that stop within a frame, and stay.
            let halves = try (0..<20).map { _ in try BareControlClient(of: daemon) }
            for half in halves { try half.connection.send(#"{"method":"io.job"#) }
            let slow = try BareControlClient(of: daemon)
            let call = Array(#"{"method":"io.jobqueue.Control.GetStats"}"#.utf8) + [0]
            for (number, byte) in call.enumerated() {
                try slow.connection.send([byte])
                if number % 10 == 0 { try await daemon.done("stats") }
            }
            #expect(try slow.answer()["parameters"] != nil)
            try BareQueue(redis).push(BareQueue.job("t-1"))
            await eventually(equals: 2) { try BareQueue(redis).total("done") }
            withExtendedLifetime(halves) {}
        }
        await eventually("no descriptor is left") {
            try daemon.metric("process_open_fds") ?? .infinity <= before
        }
    }

    @Test("100 MB without an end are cut off early, with an error")
    func endless() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        let memory = try #require(try daemon.metric("process_resident_memory_bytes"))
        let client = try BareControlClient(of: daemon)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        var sent = 0
        // Nobody takes it any more: sending fails.
        while sent < 100, (try? client.connection.send(piece)) != nil { sent += 1 }
        #expect(sent < 10)
        let grown = try #require(try daemon.metric("process_resident_memory_bytes")) - memory
        #expect(grown < 16_777_216, "\(grown) bytes more")
        try await daemon.done("stats")
    }

    @Test(
        "unknown methods and parameters of the wrong kind are varlink's errors, and change nothing")
    func wrongCalls() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        let client = try BareControlClient(of: daemon)
        #expect(
            try client.call("NoSuch")["error"] as? String == "org.varlink.service.MethodNotFound")
        let invalid = "org.varlink.service.InvalidParameter"
        let wrong: [(String, [String: Any])] = [
            ("Enqueue", [:]), ("Enqueue", ["type": 5]), ("Enqueue", ["type": ["test:job"]]),
            ("Enqueue", ["type": "test:job", "count": "3"]), ("Enqueue", ["type": NSNull()]),
            ("Enqueue", ["type": "test:job", "no_such": 1]), ("Pause", ["queues": "default"]),
            ("Show", ["id": 7]), ("ListDead", ["limit": -1]), ("Requeue", ["ids": "all"]),
            ("Delete", ["ids": [1]]),
        ]
        for (method, parameters) in wrong {
            let error = try client.call(method, parameters)["error"] as? String
            #expect(error == invalid, "\(method) \(parameters)")
        }
        #expect(try client.call("GetStats")["error"] == nil)
        #expect(try BareQueue(redis).pending.isEmpty)
        #expect(try BareQueue(redis).total("done") == 0)
    }

    @Test("1 000 that connect at once are answered or sent away, and leave nothing behind")
    func crowd() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try await daemon.done("stats")
        let before = try #require(try daemon.metric("process_open_fds"))
        for _ in 0..<10 {
            let clients = try (0..<100).map { _ in try BareControlClient(of: daemon) }
            await eventually("no more than 32 are let in") {
                clients.count { $0.connection.hasInput } >= 100 - 32
            }
            for client in clients where client.connection.hasInput {
                let error = try client.answer()["error"] as? String
                #expect(error == "io.jobqueue.Control.Refused")
            }
        }
        await eventually("no descriptor is left") {
            try daemon.metric("process_open_fds") ?? .infinity <= before
        }
        try await daemon.done("stats")
    }
}
