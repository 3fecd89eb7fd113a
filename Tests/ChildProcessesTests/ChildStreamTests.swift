import ChildProcesses
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("What a program reads and writes", .timeLimit(.minutes(5)))
struct ChildStreamTests {
    // MARK: - Input

    @Test("a program reads its input to the end", arguments: [0, 1, 65_536, 65_537, 1 << 20])
    func input(size: Int) async throws {
        try await withChildren { children in
            var command = ChildCommand("/usr/bin/md5sum")
            command.input = Array(repeating: UInt8(ascii: "x"), count: size)
            let other = ChildCommand.shell("head -c \(size) /dev/zero | tr '\\0' x | md5sum")
            let result = try await children.run(command)
            #expect(result.end == .exited(0))
            let expected = try await children.run(other).output
            #expect(result.output == expected)
        }
    }

    @Test("input that is never read holds up nobody")
    func neverRead() async throws {
        try await withChildren { children in
            var command = ChildCommand.shell("exit 7")
            command.input = Array(repeating: 0, count: 200_000)
            let result = try await children.run(command)
            #expect(result.end == .exited(7))
        }
    }

    @Test("a program may close its input in the middle, and goes on")
    func closedInput() async throws {
        try await withChildren { children in
            var command = ChildCommand.shell("head -c 3; exec <&-; echo; echo over")
            command.input = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
            let result = try await children.run(command)
            #expect(result.end == .exited(0))
            #expect(result.outputText == "xxx\nover\n")
        }
    }

    // MARK: - Output

    @Test("of 64 MB of output the first bytes are kept, and the rest is counted")
    func muchOutput() async throws {
        try await withChildren { children in
            var command = ChildCommand.shell("head -c 64000000 /dev/zero; echo error >&2; exit 4")
            command.output = .kept(atMost: 1000)
            let result = try await children.run(command)
            #expect(result.end == .exited(4))
            #expect(
                result.output
                    == KeptOutput(
                        bytes: .init(repeating: 0, count: 1000),
                        dropped: 64_000_000 - 1000))
            #expect(String(decoding: result.errors.bytes, as: UTF8.self) == "error\n")
        }
    }

    @Test("any bytes are kept as they are: NUL, no text, no line break")
    func anyBytes() async throws {
        try await withChildren { children in
            let result = try await children.run(.shell(#"printf '\000\377\200a\r\n\000b'"#))
            #expect(result.output.bytes == [0, 0xFF, 0x80, 0x61, 0x0D, 0x0A, 0, 0x62])
            #expect(result.output.dropped == 0)
        }
    }

    @Test("what was written right before the end is not lost")
    func lastWords() async throws {
        try await withChildren { children in
            for _ in 0..<50 {
                let script = "head -c 60000 /dev/zero; echo last >&2; kill -KILL $$"
                let result = try await children.run(.shell(script))
                #expect(result.output.bytes.count == 60_000)
                #expect(result.errors.bytes == Array("last\n".utf8))
            }
        }
    }

    @Test("lines come one by one, and the last may lack its end")
    func lines() async throws {
        try await withChildren { children in
            let child = Background(.shell(#"printf 'a\n\nb'; printf 'c\nd'"#), in: children)
            let result = try await child.result
            #expect(result.output == KeptOutput())
            #expect(try await child.texts(4) == ["a", "", "bc", "d"])
        }
    }

    @Test("lines are told while the program still runs")
    func linesInTime() async throws {
        try await withChildren { children in
            let child = Background(.shell("echo now; sleep 1000"), in: children)
            let lines = try await child.texts()
            #expect(lines == ["now"])
            child.cancel()
            _ = try await child.result
        }
    }

    @Test("a line without end is cut off, and so are lines without end")
    func endlessLines() async throws {
        try await withChildren { children in
            let lines = Watched<[OutputLine]>([])
            var command = ChildCommand.shell(
                "head -c 5000000 /dev/zero; echo; yes | head -c 1000000")
            command.errors = .kept(atMost: 10)
            command.output = .lines(each: 10, total: 5_000_021) { line in
                lines.update { $0.append(line) }
            }
            let result = try await children.run(command)
            let y = OutputLine(bytes: Array("y".utf8), dropped: 0)
            let first = OutputLine(bytes: .init(repeating: 0, count: 10), dropped: 4_999_990)
            #expect(lines.value.prefix(11) == [first] + Array(repeating: y, count: 10))
            // Of the rest the last ones come, too.
            let rest = lines.value.dropFirst(11)
            #expect((1000...5000).contains(rest.count) && rest.allSatisfy { $0.isBeyondTotal })
            #expect(rest.last?.bytes == Array("y".utf8))
            #expect(result.output == KeptOutput(dropped: 1_000_000 - 20))
        }
    }

    // MARK: - Held by others

    @Test("the output ends with the program, though what it left behind holds it; that is killed")
    func heldByGrandchild() async throws {
        try await withChildren { children in
            for _ in 0..<100 {
                let result = try await children.run(.shell("sleep 1000 & echo $!"))
                #expect(result.end == .exited(0))
                let grandchild = try #require(Int32(result.outputLines.first ?? ""))
                await eventually("the grandchild is gone") { !isRunning(grandchild) }
            }
        }
    }

    @Test("a stray with a group of its own that writes for ever is killed")
    func strayOfAnotherGroup() async throws {
        try await withChildren { children in
            let result = try await children.run(.shell("timeout 1000 yes & echo $! >&2"))
            #expect(result.end == .exited(0))
            let text = String(decoding: result.errors.bytes, as: UTF8.self)
            let stray = try #require(Int32(text.dropLast()))
            await eventually("the stray is gone") { !isRunning(stray) }
        }
    }

    @Test("who has left the session is not waited for")
    func leftTheSession() async throws {
        try await withChildren { children in
            let script = "setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.2"
            let child = Background(.shell(script), in: children)
            let stray = try await child.processID()
            defer { kill(stray, SIGKILL) }
            #expect(try await child.result.end == .exited(0))
            #expect(isRunning(stray))
        }
    }
}
