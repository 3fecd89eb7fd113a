import Foundation

/// Where the figures come from: without it they say nothing.
struct MachineDescription: Encodable {
    let processors: Int
    let model: String
    let memoryBytes: UInt64
    let kernel: String
    let redis: String
    /// Processes that wanted to run, over the last minute before the start: more than a few tenths, and
    /// the figures are those of a busy machine.
    let load: Double

    init(redis: String) {
        let information = ProcessInfo.processInfo
        processors = information.activeProcessorCount
        memoryBytes = information.physicalMemory
        model = Self.value(of: "model name", in: "/proc/cpuinfo") ?? "unknown processor"
        kernel = Self.firstLine(of: "/proc/sys/kernel/osrelease") ?? "unknown"
        load =
            Self.firstLine(of: "/proc/loadavg")?.split(separator: " ").first
            .flatMap { Double($0) } ?? 0
        self.redis = redis
    }

    /// One line for the head of the table.
    var text: String {
        "\(processors) x \(model), \(memoryBytes >> 30) GiB, Linux \(kernel), Redis \(redis), "
            + "load \(load) before the start"
    }

    private static func firstLine(of path: String) -> String? {
        lines(of: path).first
    }

    private static func value(of name: String, in path: String) -> String? {
        lines(of: path).first { $0.hasPrefix(name) }?
            .split(separator: ":", maxSplits: 1).last?
            .trimmingCharacters(in: .whitespaces)
    }

    /// Nothing where the kernel does not show it: the figures are good all the same.
    private static func lines(of path: String) -> [String] {
        guard let bytes = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
