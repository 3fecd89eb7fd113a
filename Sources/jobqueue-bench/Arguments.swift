/// What the command line asks for.
struct Arguments: Sendable {
    enum Action: Sendable {
        case measure
        case showHelp
        /// One workload and nothing else, to be run under a tool that counts.
        case work(Workload, jobs: Int, socket: String)
    }

    private(set) var action = Action.measure
    private(set) var scale = Scale.full
    private(set) var printsJSON = false
    private(set) var measurements: [Measurement] = []

    /// Reads the words behind the program's name.
    init(_ words: [String]) throws(BenchError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": action = .showHelp
            case "--quick": scale = .quick
            case "--json": printsJSON = true
            case "--only": measurements.append(try Self.measurement(rest.popFirst()))
            case "--work":
                guard let workload = rest.popFirst().flatMap(Workload.init(rawValue:)),
                    let jobs = rest.popFirst().flatMap({ Int($0) }), jobs > 0,
                    let socket = rest.popFirst()
                else {
                    throw BenchError(
                        "--work wants one of "
                            + Workload.allCases.map(\.rawValue).joined(separator: ", ")
                            + ", a number of jobs and the Unix socket of a Redis")
                }
                action = .work(workload, jobs: jobs, socket: socket)
            default: throw BenchError("unknown argument \(word); see --help")
            }
        }
        if measurements.isEmpty { measurements = Measurement.all }
    }

    private static func measurement(_ name: String?) throws(BenchError) -> Measurement {
        guard let found = Measurement.all.first(where: { $0.name == name }) else {
            throw BenchError(
                "--only wants one of " + Measurement.all.map(\.name).joined(separator: ", "))
        }
        return found
    }

    static let help = """
        usage: jobqueue-bench [--only NAME]... [--quick] [--json]
               jobqueue-bench --work NAME JOBS SOCKET

        Measures jobqueued on a Redis of its own, beside the bare commands in C (the limit).

          --only NAME  only this measurement; may be given several times
          --quick      a hundredth of the work, once: shows that all works, not how fast
          --json       prints the figures as JSON, in base units
          --work       runs one workload on the Redis at SOCKET, whose data it deletes, and prints
                       nothing: for a tool that counts. NAME is one of
                       \(Workload.allCases.map(\.rawValue).joined(separator: ", "))

        measurements:

        """
        + Measurement.all.map { "  \($0.name)  \($0.title)\n" }.joined()
}
