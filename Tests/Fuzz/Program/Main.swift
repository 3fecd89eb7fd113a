import Foundation
import FuzzTargets
import LibFuzzer
import TestSupport

/// Tries what foreign bytes can do: `jobqueue-fuzz TARGET [--seconds N] [--seed N]`, in the package's
/// folder. What breaks a promise, or the process, is kept in `Tests/Fuzz/Crashes`; with its path instead
/// of the flags it is tried again. Without arguments it prints the targets.
@main
struct Main {
    static func main() throws {
        do {
            let names = FuzzTargets.all.keys.sorted()
            let options = try Options(CommandLine.arguments.dropFirst())
            if options.target.isEmpty { return print(names.joined(separator: "\n")) }
            guard let target = FuzzTargets.all[options.target] else {
                throw UsageError("the targets are \(names.joined(separator: ", "))")
            }
            exit(try fuzz(target, options))
        } catch {
            FileHandle.standardError.write(Data("jobqueue-fuzz: \(error)\n".utf8))
            exit(2)
        }
    }

    private static func fuzz(_ target: any FuzzTarget.Type, _ options: Options) throws -> Int32 {
        let place = try Place(of: target, named: options.target)
        FuzzRun.current = try FuzzRun(target)
        var arguments = [
            "jobqueue-fuzz", "-max_total_time=\(options.seconds)", "-max_len=2048", "-timeout=30",
            "-artifact_prefix=Tests/Fuzz/Crashes/\(options.target)-", "-dict=\(place.dictionary)",
            "-print_final_stats=1", "-detect_leaks=0",
        ]
        if let seed = options.seed { arguments.append("-seed=\(seed)") }
        arguments += options.inputs.isEmpty ? [place.corpus] : options.inputs
        var pointers = arguments.map { strdup($0) } + [nil]
        let status = libfuzzer_run(Int32(arguments.count), &pointers) { bytes, count in
            FuzzRun.current?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
            return 0
        }
        guard status >= 0 else {
            throw UsageError("built without libFuzzer: see packaging/fuzz.sh")
        }
        return status
    }
}
