import EventLoop
import Foundation
import Synchronization

/// Measures the queue on a Redis of its own.
@main
struct Main {
    /// The main thread turns the loop. Were `main` asynchronous, Swift would give that thread up, and
    /// what is bound to its life with it: valgrind, and the programs that the benchmark has started.
    static func main() throws {
        let loop = try EventLoop()
        let isDone = Mutex(false)
        // `loop.run()` below waits for this task: it stops the loop as its last act.
        Task(executorPreference: loop) {
            do {
                try await run(Arguments(Array(CommandLine.arguments.dropFirst())), loop)
                isDone.withLock { $0 = true }
            } catch {
                complain(String(describing: error))
            }
            loop.stop()
        }
        loop.run()
        exit(isDone.withLock { $0 } ? 0 : 1)
    }

    private static func run(_ arguments: Arguments, _ loop: EventLoop) async throws {
        switch arguments.action {
        case .showHelp: print(Arguments.help, terminator: "")
        case .work(let workload, let jobs, let socket):
            try await workload.run(jobs: jobs, on: RedisServer(at: socket, loop: loop), loop)
        case .measure: try await measure(arguments, loop)
        }
    }

    private static func measure(_ arguments: Arguments, _ loop: EventLoop) async throws {
        let bench = try await Bench(loop: loop, scratch: Scratch(), scale: arguments.scale)
        let machine = MachineDescription(
            redis: try await bench.redis.information("server", "redis_version"))
        var report = Report(machine: machine, repetitions: arguments.scale.repetitions)
        if !arguments.printsJSON {
            print("\(machine.text)\nmedians of \(report.repetitions)\n\n\(Table.header)")
        }
        for measurement in arguments.measurements {
            if arguments.printsJSON {
                complain(measurement.title)
            } else {
                print(measurement.title)
            }
            try await measurement.measure(bench) { row in
                report.add(row, of: measurement)
                if !arguments.printsJSON { print(Table.text(of: row)) }
            }
        }
        if arguments.printsJSON { print(try report.json()) }
        await bench.end()
    }

    private static func complain(_ line: String) {
        FileHandle.standardError.write(Data("jobqueue-bench: \(line)\n".utf8))
    }
}
