import EventLoop
import Glibc
import TestSupport
import Testing

@Suite("Watching descriptors")
struct IOSourceTests {
    @Test(
        "a descriptor that becomes readable calls its handler, isolated to the actor that owns it")
    func readable() async throws {
        try await withEventLoop { loop in
            let reader = try Reader(loop: loop)
            try await reader.start()
            try await reader.send("a")
            #expect(await reader.text.wait(within: .seconds(10)) { $0 == "a" } != nil)
            try await reader.send("b")
            #expect(await reader.text.wait(within: .seconds(10)) { $0 == "ab" } != nil)
        }
    }

    @Test("the other side's end is reported")
    func hangUp() async throws {
        try await withEventLoop { loop in
            let reader = try Reader(loop: loop)
            try await reader.start()
            await reader.closeOtherSide()
            #expect(await reader.text.wait(within: .seconds(10)) { $0 == "<end>" } != nil)
        }
    }

    @Test("what is asked for can be changed")
    func watch() async throws {
        try await withEventLoop { loop in
            let reader = try Reader(loop: loop)
            try await reader.start()
            try await reader.watch([])
            try await reader.send("a")
            try await loop.sleep(for: .milliseconds(1))
            #expect(reader.text.value == "")
            try await reader.watch(.readable)
            #expect(await reader.text.wait(within: .seconds(10)) { $0 == "a" } != nil)
            try await reader.watch([.readable, .writable])
            #expect(await reader.writable.wait(within: .seconds(10)) { $0 } != nil)
        }
    }

    @Test("a watch that was dropped calls nobody")
    func drop() async throws {
        try await withEventLoop { loop in
            let reader = try Reader(loop: loop)
            try await reader.start()
            await reader.drop()
            try await reader.send("a")
            try await loop.sleep(for: .milliseconds(1))
            #expect(reader.text.value == "")
        }
    }

    @Test("a handler may drop its own watch, and keeps what it has captured until it returns")
    func dropInside() async throws {
        try await withEventLoop { loop in
            let reader = try Reader(loop: loop, dropsAfterFirst: true)
            try await reader.start()
            try await reader.send("a")
            #expect(await reader.text.wait(within: .seconds(10)) { $0 == "a<dropped>" } != nil)
            try await reader.send("b")
            try await loop.sleep(for: .milliseconds(1))
            #expect(reader.text.value == "a<dropped>")
        }
    }

    @Test("an owner may go away on any thread while its descriptor is busy")
    func dropElsewhere() async throws {
        try await withEventLoop { loop in
            for _ in 0..<200 {
                let reader = try Reader(loop: loop)
                try await reader.start()
                try await reader.watch([.readable, .writable])
                // The last reference goes with a task on the shared pool, whenever it gets there.
                Task.detached { withExtendedLifetime(reader) {} }
            }
            try await loop.sleep(for: .milliseconds(1))
        }
    }

    @Test("a descriptor that cannot be watched is an error")
    func badDescriptor() async throws {
        try await withEventLoop { loop in
            #expect(throws: EventLoopError.addSource(kind: "descriptor 9999", errno: EBADF)) {
                _ = try IOSource(loop: loop, descriptor: 9_999, events: .readable) { _ in }
            }
        }
    }
}

/// One end of a pair of sockets, read on the loop.
private actor Reader {
    private let loop: EventLoop
    private let dropsAfterFirst: Bool
    private let ours: Int32
    private var theirs: Int32
    private var source: IOSource?
    let text = Watched("")
    let writable = Watched(false)

    init(loop: EventLoop, dropsAfterFirst: Bool = false) throws {
        self.loop = loop
        self.dropsAfterFirst = dropsAfterFirst
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        (ours, theirs) = (ends[0], ends[1])
    }

    isolated deinit {
        // Before the descriptor is closed, which would not end it: a process that is just being
        // started still has a copy.
        source = nil
        close(ours)
        if theirs >= 0 { close(theirs) }
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    func start() throws {
        source = try IOSource(loop: loop, descriptor: ours, events: .readable) {
            [weak self] events in
            self?.assumeIsolated { $0.ready(events) }
        }
    }

    func watch(_ events: IOEvents) throws { try source?.watch(events) }

    func drop() { source = nil }

    func send(_ text: String) throws {
        try #require(Glibc.send(theirs, text, text.utf8.count, 0) == text.utf8.count)
    }

    func closeOtherSide() {
        close(theirs)
        theirs = -1
    }

    private func ready(_ events: IOEvents) {
        if events.contains(.writable) { writable.update { $0 = true } }
        guard events.contains(.readable) else { return }
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = recv(ours, &buffer, buffer.count, 0)
        let received = count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : "<end>"
        if count <= 0 || dropsAfterFirst { source = nil }
        let suffix = dropsAfterFirst ? "<dropped>" : ""
        text.update { $0 += received + suffix }
    }
}
