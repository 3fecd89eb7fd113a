import Glibc

/// What this process takes of the machine, from `/proc/self`. Nothing here reads a disk.
package struct ProcessStatistics: Sendable, Equatable {
    /// Time on a processor, in user and in system mode together.
    package var processorTime: Duration
    package var residentBytes: Int64
    package var virtualBytes: Int64
    package var openDescriptors: Int
    /// The soft limit; `nil`: there is none.
    package var maximumDescriptors: UInt64?
    /// Unix time; the same at every reading.
    package var startTime: Duration

    package init(
        processorTime: Duration, residentBytes: Int64, virtualBytes: Int64, openDescriptors: Int,
        maximumDescriptors: UInt64?, startTime: Duration
    ) {
        self.processorTime = processorTime
        self.residentBytes = residentBytes
        self.virtualBytes = virtualBytes
        self.openDescriptors = openDescriptors
        self.maximumDescriptors = maximumDescriptors
        self.startTime = startTime
    }

    /// Reads them now.
    package static func read() throws(ProcessStatisticsError) -> ProcessStatistics {
        let path = "/proc/self/stat"
        guard let record = ProcessRecord(try content(of: path)) else { throw .malformed(path) }
        return ProcessStatistics(
            processorTime: ticks(record.userTicks) + ticks(record.systemTicks),
            residentBytes: record.residentPages.multipliedSaturating(
                by: sysconf(Int32(_SC_PAGESIZE))),
            virtualBytes: record.virtualBytes,
            openDescriptors: try countDescriptors(),
            maximumDescriptors: try descriptorLimit(),
            startTime: bootTime + ticks(record.startTicks))
    }

    /// When the machine was booted, Unix time. Taken once, so that the start does not move when the
    /// clock is set. `/proc/stat` has it too, but is hidden from a service with `ProcSubset=pid`.
    private static let bootTime =
        Duration.milliseconds(SystemClock.unixMilliseconds()) - SystemClock.sinceBoot()

    private static func ticks(_ count: Int64) -> Duration {
        let perSecond = max(1, Int64(sysconf(Int32(_SC_CLK_TCK))))
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: perSecond)
        return .seconds(seconds) + .seconds(rest) / perSecond
    }
}

/// Why nothing is known of this process.
package enum ProcessStatisticsError: Error, Equatable, CustomStringConvertible {
    case read(path: String, errno: Int32)
    case malformed(String)

    package var description: String {
        switch self {
        case .read(let path, let code): "cannot read \(path): \(String(cString: strerror(code)))"
        case .malformed(let path): "\(path) is not as proc(5) has it"
        }
    }
}

extension ProcessStatistics {
    /// One page at most: what the kernel gives at one reading.
    private static func content(of path: String) throws(ProcessStatisticsError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .read(path: path, errno: errno) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw .read(path: path, errno: errno) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    private static func countDescriptors() throws(ProcessStatisticsError) -> Int {
        let path = "/proc/self/fd"
        guard let directory = opendir(path) else { throw .read(path: path, errno: errno) }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the one that reads the directory.
        return max(0, count - 3)
    }

    private static func descriptorLimit() throws(ProcessStatisticsError) -> UInt64? {
        try limit(RLIMIT_NOFILE, "RLIMIT_NOFILE")
    }

    /// Bytes of address space that this process may take (RLIMIT_AS); `nil`: there is no limit.
    package static func addressSpaceLimit() throws(ProcessStatisticsError) -> UInt64? {
        try limit(RLIMIT_AS, "RLIMIT_AS")
    }

    /// The soft limit; `nil`: there is none. Wraps `getrlimit(2)`.
    private static func limit(
        _ resource: __rlimit_resource, _ name: String
    ) throws(ProcessStatisticsError) -> UInt64? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
            throw .read(path: name, errno: errno)
        }
        let none = ~rlim_t(0)
        return limit.rlim_cur == none ? nil : UInt64(limit.rlim_cur)
    }
}

extension Int64 {
    fileprivate func multipliedSaturating(by factor: Int) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: Int64(factor))
        return overflow ? .max : product
    }
}
