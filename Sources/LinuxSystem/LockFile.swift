import CLinux
import Glibc

/// The lock that one instance holds on its runtime directory. The file also remembers which worker
/// the instance was, so that one that was killed can take back its own jobs at once when it starts
/// again.
///
/// The lock ends with the value, or with the process however that ends. The file stays.
package struct LockFile: ~Copyable, Sendable {
    /// The worker that held this lock before, when it was on this machine and in this boot, and can
    /// therefore not be alive.
    package let formerWorker: String?
    /// What the marks of former holders' children began with, of this machine and this boot.
    package let formerMarks: [String]
    private let mark: String?
    private let path: String
    private let host: HostIdentity
    private let descriptor: Int32

    /// Opens or makes the file and takes the lock; does not wait for it.
    ///
    /// Throws `LockFileError.held` while another process has it.
    ///
    /// - Parameter mark: What the marks of this process's children begin with; see `Strays`.
    package init(path: String, host: HostIdentity, mark: String? = nil) throws(LockFileError) {
        let (descriptor, former, marks) = try Self.acquire(path, host, mark)
        formerMarks = marks
        self.mark = mark
        self.path = path
        self.host = host
        self.descriptor = descriptor
        formerWorker = former
    }

    /// Whether the file's name leads to it. Else another process can take a lock of that name.
    package var isInPlace: Bool {
        // What cannot be looked at may be there.
        guard let own = FileIdentity.of(descriptor), let found = try? FileIdentity.of(path) else {
            return access(path, F_OK) == 0 || errno != ENOENT
        }
        return found.identity == own
    }

    deinit {
        // A child that is just being started may have a copy of the descriptor for a moment, and the
        // lock with it.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Remembers who this instance is from now on. On return it is on disk: call it before the
    /// worker registers, and after what former holders' children have left is dealt with.
    package func remember(worker: String) throws(LockFileError) {
        let content = LockFileContent(
            worker: worker, host: host, marks: mark.map { [$0] } ?? [])
        try Self.write(content.text, to: descriptor, path)
    }
}

// MARK: - System calls

extension LockFile {
    /// - Returns: the locked file, and who held the lock before.
    private static func acquire(
        _ path: String, _ host: HostIdentity, _ mark: String?
    ) throws(LockFileError) -> (descriptor: Int32, formerWorker: String?, marks: [String]) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .open(path: path, errno: errno) }
        do throws(LockFileError) {
            try lock(descriptor, path)
            let content = LockFileContent(text: try read(descriptor, path))
            let worker = content.isOf(host) ? content.worker : nil
            let marks = content.isOf(host) ? content.marks : []
            // From now on the file names the process that holds it.
            let new = LockFileContent(
                worker: worker, host: host, marks: marks + (mark.map { [$0] } ?? []))
            try write(new.text, to: descriptor, path)
            return (descriptor, worker, marks)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Wraps `flock(2)`.
    private static func lock(_ descriptor: Int32, _ path: String) throws(LockFileError) {
        while flock(descriptor, LOCK_EX | LOCK_NB) < 0 {
            let code = errno
            if code == EINTR { continue }
            guard code == EWOULDBLOCK else { throw .lock(path: path, errno: code) }
            throw .held(
                path: path, processID: LockFileContent(text: try read(descriptor, path)).processID)
        }
    }

    /// Wraps `pread(2)`. What is longer than a content of ours is cut off.
    private static func read(_ descriptor: Int32, _ path: String) throws(LockFileError) -> String {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, 0)
            if count >= 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
            let code = errno
            guard code == EINTR else { throw .read(path: path, errno: code) }
        }
    }

    /// Wraps `pwrite(2)`, `ftruncate(2)` and `fsync(2)`. The new content is there with the first of
    /// them; what an interrupted call leaves behind it is not read.
    private static func write(
        _ text: String, to descriptor: Int32, _ path: String
    ) throws(LockFileError) {
        let bytes = Array(text.utf8)
        while true {
            let count = pwrite(descriptor, bytes, bytes.count, 0)
            if count == bytes.count { break }
            let code = count < 0 ? errno : ENOSPC
            guard code == EINTR else { throw .write(path: path, errno: code) }
        }
        guard ftruncate(descriptor, off_t(bytes.count)) == 0, fsync(descriptor) == 0 else {
            throw .write(path: path, errno: errno)
        }
    }
}
