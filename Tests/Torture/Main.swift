import Foundation

/// Tortures the queue: `jobqueue-torture [--seed N] [--seconds N]
/// [--broker redis|sqlite] [--mutant NAME]`. Prints its plan first and its figures last; exit 1 when a promise was broken.
@main
struct Main {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            let torture = Torture(
                seed: options.seed, seconds: options.seconds, on: options.ground,
                mutant: options.mutant)
            print("seed \(options.seed) on \(options.ground), \(options.seconds) s:")
            for planned in torture.plan.faults { print("  \(planned)") }
            // All of it, before anything can go wrong.
            fflush(nil)
            let report = try await torture.run()
            print(report.text)
            exit(report.isGood ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("jobqueue-torture: \(error)\n".utf8))
            exit(2)
        }
    }
}

/// The command line.
struct Options {
    var seed = UInt64.random(in: 1...999_999)
    var seconds = 40
    var ground = GroundKind.redis
    var mutant: String?

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { throw OptionsError("\(flag) needs a value") }
            switch flag {
            case "--seed": seed = try Self.number(value)
            case "--seconds": seconds = Int(try Self.number(value))
            case "--broker":
                guard let kind = GroundKind(rawValue: value) else {
                    throw OptionsError("\(value) is neither redis nor sqlite")
                }
                ground = kind
            case "--mutant": mutant = value
            default: throw OptionsError("unknown argument \(flag)")
            }
        }
    }

    private static func number(_ text: String) throws -> UInt64 {
        guard let number = UInt64(text), number < 1 << 62 else {
            throw OptionsError("\(text) is no number")
        }
        return number
    }
}

struct OptionsError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
