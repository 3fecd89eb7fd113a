import Glibc

/// Which machine, which boot of it and which process this is.
package struct HostIdentity: Sendable, Equatable {
    package var hostname: String
    package var processID: Int32
    /// New at each boot, so a process number of another boot means nothing. `nil` when it cannot be
    /// read.
    package var bootID: String?
    /// The same for as long as the system is installed. `nil` when it has none.
    package var machineID: String?

    package init(hostname: String, processID: Int32, bootID: String?, machineID: String?) {
        self.hostname = hostname
        self.processID = processID
        self.bootID = bootID
        self.machineID = machineID
    }

    /// Asks the system. Reads two small files of the kernel and of systemd.
    package static func current() -> HostIdentity {
        HostIdentity(
            hostname: hostname(), processID: getpid(),
            bootID: firstLine(of: "/proc/sys/kernel/random/boot_id"),
            machineID: firstLine(of: "/etc/machine-id"))
    }

    /// Wraps `gethostname(2)`.
    private static func hostname() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func firstLine(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let line = buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
