import Foundation
import Glibc

/// What another process takes of the machine.
struct ProcessUsage {
    let pid: Int32

    /// Time on a processor since its start, of all its threads, those that have ended too.
    var processorSeconds: Double {
        get throws {
            var clock = clockid_t()
            var time = timespec()
            // Both write into the variables above and keep nothing.
            guard unsafe clock_getcpuclockid(pid, &clock) == 0,
                unsafe clock_gettime(clock, &time) == 0
            else { throw BenchError("process \(pid) has no clock") }
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
    }

    var residentBytes: Double { get throws { try bytes(of: "VmRSS:") } }

    /// The most that was resident at any time.
    var peakResidentBytes: Double { get throws { try bytes(of: "VmHWM:") } }

    private func bytes(of field: String) throws -> Double {
        let content = FileManager.default.contents(atPath: "/proc/\(pid)/status")
        let lines = String(decoding: content ?? Data(), as: UTF8.self).split(separator: "\n")
        let words = lines.first { $0.hasPrefix(field) }?.split(whereSeparator: \.isWhitespace)
        guard let words, words.count == 3, let kibibytes = Double(words[1]) else {
            throw BenchError("process \(pid) has no \(field)")
        }
        return kibibytes * 1024
    }
}
