import Foundation
import JobQueue
import LinuxSystem
import TestSupport
import Testing

@testable import JobDaemon

@Suite("The daemon's log")
struct LogWriterTests {
    private func line(_ message: String, _ level: LogLevel = .info) -> LogRecord {
        LogRecord(level: level, message: message)
    }

    @Test("lines are written in order, and flush waits for the last")
    func flush() throws {
        let output = Collector()
        let log = try LogWriter.start(level: .info, output: output)
        for number in 0..<1_000 { log.write(line("\(number)")) }
        #expect(log.flush(within: .seconds(10)))
        #expect(output.messages == (0..<1_000).map(String.init))
        #expect(log.flush(within: .zero))
        #expect(log.droppedLines == 0)
    }

    @Test("only lines of the wanted level are written, also after the level was changed")
    func level() throws {
        let output = Collector()
        let log = try LogWriter.start(level: .warning, output: output)
        let logger = Logger(sink: log)
        logger.info("no")
        log.write(line("nor this"))
        logger.warning("one")
        log.level = .debug
        logger.debug("two")
        #expect(log.flush(within: .seconds(10)))
        #expect(output.messages == ["one", "two"])
    }

    @Test("whatever a message holds, it is one line of bounded length")
    func oneLine() throws {
        let output = Collector()
        let log = try LogWriter.start(level: .info, output: output)
        log.write(line("a\nERROR b" + String(repeating: "\u{1B}", count: 1_000_000)))
        #expect(log.flush(within: .seconds(10)))
        let message = try #require(output.messages.first)
        #expect(message.hasPrefix("a\\nERROR b\\x1b") && message.utf8.count < 17_000)
    }

    @Test("a reader that is stuck blocks nobody; what does not fit is counted and said later")
    func stuckReader() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (readEnd, writeEnd) = (ends[0], ends[1])
        let log = try LogWriter.start(
            level: .info, output: StandardErrorOutput(LineOutput(descriptor: writeEnd)))
        // Nobody reads: the pipe takes 64 KiB, the queue 4 MiB, the rest is dropped.
        let text = String(repeating: "x", count: 4_000)
        for _ in 0..<3_000 { log.write(line(text)) }
        let dropped = log.droppedLines
        #expect(dropped > 1_000)
        #expect(!log.flush(within: .milliseconds(1)))

        let reader = try Reader(of: readEnd)
        #expect(log.flush(within: .seconds(30)))
        log.write(line("after"))
        #expect(log.flush(within: .seconds(30)))
        close(writeEnd)
        let lines = try #require(await reader.lines.wait(within: .seconds(30)) { $0 != nil })
        #expect(lines?.last == "INFO after")
        // Told at each place: the pipe may have taken its share after the queue was full.
        let told = lines?.compactMap { line -> Int? in
            guard line.hasSuffix("were dropped here, because they were not read fast enough") else {
                return nil
            }
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        #expect(told?.reduce(0, +) == dropped)
        #expect(lines?.filter { $0 == "INFO \(text)" }.count == 3_000 - dropped)
    }

    @Test("an output that fails is counted and does not stop the log")
    func failingOutput() throws {
        let output = Collector(fails: true)
        let log = try LogWriter.start(level: .info, output: output)
        log.write(line("1"))
        log.write(line("2"))
        #expect(log.flush(within: .seconds(10)))
        #expect(log.droppedLines == 2)
        output.isFailing.update { $0 = false }
        log.write(line("3"))
        #expect(log.flush(within: .seconds(10)))
        #expect(output.messages.count == 2)
        #expect(output.messages.first?.hasPrefix("2 lines") == true)
        #expect(output.messages.last == "3")
    }

    @Test("many writers at once lose nothing while there is room")
    func manyWriters() async throws {
        let output = Collector()
        let log = try LogWriter.start(level: .info, output: output)
        await withTaskGroup { group in
            for writer in 0..<8 {
                group.addTask { for number in 0..<400 { log.write(line("\(writer) \(number)")) } }
            }
        }
        #expect(log.flush(within: .seconds(10)))
        #expect(output.messages.count == 3_200)
        for writer in 0..<8 {
            let own = output.messages.filter { $0.hasPrefix("\(writer) ") }
            #expect(own == (0..<400).map { "\(writer) \($0)" })
        }
    }

    @Test("what was written before the log is dropped still arrives, and the thread ends")
    func end() async throws {
        let output = Collector()
        do {
            let log = try LogWriter.start(level: .info, output: output)
            log.write(line("last words"))
        }
        #expect(await output.received.wait(within: .seconds(10)) { $0.count == 1 } != nil)
    }
}

/// Keeps what is written.
private struct Collector: LogOutput {
    let received = Watched<[LogRecord]>([])
    let isFailing: Watched<Bool>

    init(fails: Bool = false) { isFailing = Watched(fails) }

    var messages: [String] { received.value.map(\.message) }

    func write(_ record: LogRecord) throws {
        if isFailing.value { throw TestSupportError("broken") }
        received.update { $0.append(record) }
    }
}

/// Reads a descriptor to its end on a thread of its own.
private struct Reader {
    let lines = Watched<[String]?>(nil)

    init(of descriptor: Int32) throws {
        try BackgroundThread.start(named: "reader") { [lines] in
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            let text = String(decoding: handle.readDataToEndOfFile(), as: UTF8.self)
            lines.update { $0 = text.split(separator: "\n").map(String.init) }
        }
    }
}
