import EventLoop
import Foundation

/// Measures the queue on a Redis of its own.
@main
struct Main {
    static func main() async {
        do {
            let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
            let loop = try EventLoop()
            try loop.start()
            try await withTaskExecutorPreference(loop) { try await run(arguments, loop) }
        } catch {
            complain(String(describing: error))
            exit(1)
        }
    }

    @concurrent
    private static func run(_ arguments: Arguments, _ loop: EventLoop) async throws {
        switch arguments.action {
        case .showHelp: print(Arguments.help, terminator: "")
        case .work(let workload, let jobs): try await workload.run(jobs: jobs, loop: loop)
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
