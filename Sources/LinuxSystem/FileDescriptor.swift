import CLinux
import Glibc

/// An open file or socket with one owner; closed once, when the value is dropped.
package struct FileDescriptor: ~Copyable, Sendable {
    /// To lend to whoever watches it. The borrower never closes it.
    package let number: Int32

    /// Takes over `number`, which nobody else may close from now on.
    package init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Gives the number away: whoever takes it closes it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// Opens a file for reading. Wraps `open(2)`.
    package static func open(reading path: String) throws(SystemError) -> FileDescriptor {
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw .failed(call: "open", path: path, errno: errno) }
        return FileDescriptor(owning: number)
    }

    /// Opens a file that is there, to write to it. Wraps `open(2)`.
    static func open(writing path: String) throws(SystemError) -> FileDescriptor {
        let number = Glibc.open(path, O_WRONLY | O_CLOEXEC)
        guard number >= 0 else { throw .failed(call: "open", path: path, errno: errno) }
        return FileDescriptor(owning: number)
    }

    /// From now on no call on it waits. Wraps `fcntl(2)` with O_NONBLOCK.
    package func setNonBlocking() throws(SystemError) {
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) >= 0 else {
            throw .failed(call: "change a descriptor", path: nil, errno: errno)
        }
    }

    /// What a read brought.
    package enum ReadResult: Equatable, Sendable {
        case bytes([UInt8])
        /// There is nothing now; or the time limit of a blocking socket has passed.
        case nothingYet
        /// The other side has ended its output.
        case end
    }

    /// Reads up to `count` bytes (at least 1). Wraps `read(2)`.
    package func read(atMost count: Int) throws(SystemError) -> ReadResult {
        precondition(count > 0, "a read of nothing cannot be told from the end")
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result: Int
            repeat {
                result = Glibc.read(number, buffer.baseAddress, count)
            } while result < 0 && errno == EINTR
            if result < 0 { failure = errno }
            filled = max(0, result)
        }
        switch failure {
        case 0: return bytes.isEmpty ? .end : .bytes(bytes)
        case EAGAIN: return .nothingYet
        case ECONNRESET: return .end
        default: throw .failed(call: "read", path: nil, errno: failure)
        }
    }

    /// Reads to the end, or until it has more than `limit` bytes. For files and pipes that block.
    package func readToEnd(limit: Int) throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        while all.count <= limit, case .bytes(let more) = try read(atMost: 64 * 1024) {
            all += more
        }
        return all
    }

    /// How many bytes wait to be read from a pipe. Wraps `ioctl(2)` with FIONREAD.
    package func bytesWaiting() throws(SystemError) -> Int {
        let count = clinux_bytes_waiting(number)
        guard count >= 0 else { throw .failed(call: "look into a pipe", path: nil, errno: errno) }
        return Int(count)
    }

    /// What a send took.
    package enum SendResult: Equatable, Sendable {
        case sent(Int)
        /// The other side's buffer is full; or the time limit of a blocking socket has passed.
        case full
        /// Nobody is there to read it.
        case disconnected
    }

    /// Sends the beginning of `bytes` to a connected socket, as much as it takes, without a signal
    /// when nobody is there. Wraps `send(2)` with MSG_NOSIGNAL.
    package func send(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> SendResult {
        try Self.offer(bytes, call: "send") {
            Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Writes the beginning of `bytes` to a pipe, as much as it takes. SIGPIPE must be ignored. Wraps
    /// `write(2)`.
    package func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> SendResult {
        try Self.offer(bytes, call: "write") { Glibc.write(number, $0.baseAddress, $0.count) }
    }

    private static func offer(
        _ bytes: ArraySlice<UInt8>, call: String, _ attempt: (UnsafeRawBufferPointer) -> Int
    ) throws(SystemError) -> SendResult {
        while true {
            let count = bytes.withUnsafeBytes { attempt($0) }
            if count >= 0 { return .sent(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .full
            case EPIPE, ECONNRESET: return .disconnected
            case let code: throw .failed(call: call, path: nil, errno: code)
            }
        }
    }
}
