import ChildProcesses
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("Starting a program", .timeLimit(.minutes(5)))
struct ChildStartTests {
    // MARK: - What cannot be started

    private func error(
        of command: ChildCommand, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ChildProcessError? {
        try await withChildren { children in
            await #expect(throws: ChildProcessError.self, sourceLocation: sourceLocation) {
                try await children.run(command)
            }
        }
    }

    /// A file in `directory`, written by another process: whatever is started here while this process
    /// writes a file holds it open for a moment, and what is being written cannot be started.
    private func script(
        _ text: String, mode: String, in directory: TemporaryDirectory
    ) async throws -> String {
        let path = directory.file("script")
        var command = ChildCommand.shell("cat > \(path); chmod \(mode) \(path)")
        command.input = Array(text.utf8)
        try await withChildren { [command] children in _ = try await children.run(command) }
        return path
    }

    private func error(_ path: String) async throws -> ChildProcessError? {
        try await error(of: ChildCommand(path))
    }

    @Test("a program that is not there is named")
    func notFound() async throws {
        for path in ["/nowhere/at/all", "", "sh"] {
            let error = try await error(path)
            #expect(error == .notFound(executable: path))
            #expect(error?.isLasting == true)
        }
    }

    @Test("a script whose interpreter is not there is told from a script that is not there")
    func noInterpreter() async throws {
        let directory = try TemporaryDirectory()
        let path = try await script("#!/nowhere/at/all\n", mode: "755", in: directory)
        #expect(try await error(path) == .interpreterNotFound(executable: path))
    }

    @Test("a file that is not executable, a directory: not allowed")
    func notAllowed() async throws {
        let directory = try TemporaryDirectory()
        let path = try await script("#!/bin/sh\n", mode: "644", in: directory)
        #expect(try await error(path) == .notAllowed(executable: path))
        #expect(
            try await error(directory.path) == .notAllowed(executable: directory.path))
    }

    @Test("a text without a first line that names an interpreter never gets near a shell")
    func notAProgram() async throws {
        let directory = try TemporaryDirectory()
        let path = try await script(
            "touch \(directory.file("x"))\n", mode: "755", in: directory)
        #expect(try await error(path) == .notAProgram(executable: path))
        #expect(access(directory.file("x"), F_OK) != 0)
    }

    @Test("arguments or an environment that are too long are refused")
    func tooLong() async throws {
        let long = String(repeating: "x", count: 3 << 20)
        let path = "/bin/true"
        #expect(
            try await error(of: ChildCommand(path, [long])) == .argumentsTooLong(executable: path))
        #expect(
            try await error(of: ChildCommand(path, environment: ["A": long]))
                == .argumentsTooLong(executable: path))
    }

    @Test("a NUL is refused, instead of ending what it stands in")
    func holdsNUL() async throws {
        let path = "/bin/echo"
        #expect(
            try await error(of: ChildCommand(path, ["a", "b\u{0}c"]))
                == .holdsNUL(executable: path, part: "its argument 2"))
        #expect(
            try await error(of: ChildCommand(path, environment: ["A": "b\u{0}c"]))
                == .holdsNUL(executable: path, part: "the variable A"))
        #expect(
            try await error("/bin/true\u{0}x")
                == .holdsNUL(executable: "/bin/true\u{0}x", part: "its path"))
    }

    // MARK: - What it is given

    @Test("arguments and environment come as they were given, and nothing else does")
    func argumentsAndEnvironment() async throws {
        try await withChildren { children in
            let arguments = ["", "$(touch x)", "-rf", "a b", "ü\n'\""]
            let echo = try await children.run(ChildCommand("/usr/bin/printf", ["[%s]"] + arguments))
            #expect(echo.outputText == arguments.map { "[\($0)]" }.joined())
            let variables = ["A": "1=2", "EMPTY": "", "Ü": "x y"]
            let command = ChildCommand("/usr/bin/env", ["-0"], environment: variables)
            let told = try await children.run(command).outputText.split(separator: "\u{0}")
            #expect(told.sorted() == ["A=1=2", "EMPTY=", "Ü=x y"])
        }
    }

    @Test("it sees the descriptors 0, 1 and 2 only, also those that anybody may inherit")
    func descriptors() async throws {
        // Not closed on exec.
        let inheritable = dup(STDERR_FILENO)
        defer { close(inheritable) }
        try await withChildren { children in
            let result = try await children.run(.shell("ls /proc/$$/fd; readlink /proc/$$/fd/*"))
            #expect(result.outputLines.prefix(3) == ["0", "1", "2"])
            #expect(result.outputLines.dropFirst(3).count { $0.hasPrefix("pipe:") } == 3)
            #expect(result.outputLines.count == 6)
        }
    }

    @Test("no signal is blocked and none is ignored, whatever holds in this process")
    func signals() async throws {
        // The wrapper's thread inherits what this one blocks.
        ProcessSignals.block([SIGUSR1])
        try await withChildren { children in
            let command = ChildCommand("/bin/grep", ["^Sig[BI]", "/proc/self/status"])
            let lines = try await children.run(command).outputLines
            let zero = String(repeating: "0", count: 16)
            #expect(lines == ["SigBlk", "SigIgn"].map { "\($0):\t\(zero)" })
        }
    }

    @Test("it leads a session and a group of its own")
    func session() async throws {
        try await withChildren { children in
            let script =
                "read -r id name state parent group session rest </proc/self/stat; "
                + "echo $id $$ $group $session"
            let result = try await children.run(.shell(script))
            let numbers = Set(result.outputText.split(whereSeparator: \.isWhitespace))
            #expect(numbers.count == 1)
            #expect(numbers != ["\(getsid(0))"])
        }
    }

    @Test("it can be told another name than its path")
    func name() async throws {
        try await withChildren { children in
            var command = ChildCommand.shell("tr '\\0' '\\n' </proc/$$/cmdline")
            command.name = "-other"
            let result = try await children.run(command)
            #expect(result.outputLines.first == "-other")
        }
    }

    // MARK: - Where it runs, and how much it may take

    @Test(
        "it starts in its directory, with its niceness and its limits, and so does what it starts")
    func limits() async throws {
        let directory = try TemporaryDirectory()
        try await withChildren { children in
            var command = ChildCommand.shell(
                "sh -c 'pwd -P; nice; ulimit -v; ulimit -Ht; ulimit -St'")
            command.directory = directory.path
            command.limits = ProcessLimits(nice: 7, memory: 1 << 30, processorSeconds: 90)
            let result = try await children.run(command)
            #expect(result.outputLines == [directory.path, "7", "1048576", "91", "90"])
        }
    }

    @Test("what takes more memory than it may does not get it; what computes for too long is ended")
    func limitsHold() async throws {
        try await withChildren { children in
            var greedy = ChildCommand("/usr/bin/python3", ["-c", "b' ' * (1 << 30)"])
            greedy.limits.memory = 512 << 20
            let result = try await children.run(greedy)
            #expect(result.end == .exited(1))
            #expect(String(decoding: result.errors.bytes, as: UTF8.self).contains("MemoryError"))
            var busy = ChildCommand.shell("while :; do :; done")
            busy.limits.processorSeconds = 1
            #expect(try await children.run(busy).end == .killed(signal: SIGXCPU))
            // What does not listen to the first signal is ended by the second.
            busy = .shell("trap '' XCPU; while :; do :; done")
            busy.limits.processorSeconds = 1
            #expect(try await children.run(busy).end == .killed(signal: SIGKILL))
        }
    }

    @Test("a directory that is not there is named, and nothing is started")
    func noDirectory() async throws {
        let directory = try TemporaryDirectory()
        var command = ChildCommand.shell("touch \(directory.file("x"))")
        command.directory = directory.file("none")
        let error = try await error(of: command)
        #expect(error?.isLasting == true)
        #expect(
            error?.description
                == "cannot start /bin/sh in the directory \(directory.file("none")): "
                + "No such file or directory")
        #expect(access(directory.file("x"), F_OK) != 0)
    }

    @Test("it is gone when the process that has started it is killed")
    func parentsDeath() async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
            try await withChildren { children in
                let child = Background(.shell("echo $$; exec sleep 1000"), in: children)
                let process = try await child.processID()
                let file = try #require(fopen("\(path)/pid", "w"))
                fputs("\(process)", file)
                fclose(file)
                kill(getpid(), SIGKILL)
                _ = try await child.result
            }
        }
        let process = try #require(Int32(try directory.read("pid")))
        await eventually("the child is gone") { !isRunning(process) }
    }
}
