import EventLoop
import Glibc
import LinuxSystem

/// Why a program did not run. How one ended that did run is a `ChildResult`.
package enum ChildProcessError: Error, Equatable, CustomStringConvertible {
    /// There is no such file.
    case notFound(executable: String)
    /// The file is there, but the interpreter that its first line names, or its loader, is not.
    case interpreterNotFound(executable: String)
    /// This user may not execute it: a mode, a directory on the way, or a mount without exec.
    case notAllowed(executable: String)
    /// It is neither a program for this machine nor a script that begins with `#!`.
    case notAProgram(executable: String)
    /// Arguments and environment together, or one of them, are more than the system takes.
    case argumentsTooLong(executable: String)
    /// The directory that it is to start in is not there, or not for this user.
    case noDirectory(SystemError)
    /// Its niceness or its limits are not allowed here.
    case limitsRefused(SystemError)
    /// A NUL cannot stand in a path, an argument or a variable.
    case holdsNUL(executable: String, part: String)
    /// The machine or the unit is out of something: processes, memory, descriptors.
    case noResources(SystemError)
    /// The event loop cannot watch it; it was ended again.
    case notWatched(EventLoopError)
    /// It ran and ended, and somebody else in this process has asked how.
    case endUnknown(SystemError)
    /// The system's reason is another.
    case notStarted(SystemError)
    /// The task was cancelled before the program had been started.
    case cancelled

    /// Why `executable` was not started.
    init(_ failure: ProcessStartError, executable: String) {
        let error = failure.reason
        switch failure.step {
        case .directory: self = .noDirectory(error)
        case .nice, .limits: self = .limitsRefused(error)
        case .prepare, .program: self.init(error, executable: executable)
        }
    }

    /// What the system says of `executable`.
    init(_ error: SystemError, executable: String) {
        switch error.errorNumber {
        case ENOENT:
            self =
                ProcessStart.fileExists(at: executable)
                ? .interpreterNotFound(executable: executable) : .notFound(executable: executable)
        case EACCES, EPERM: self = .notAllowed(executable: executable)
        case ENOEXEC: self = .notAProgram(executable: executable)
        case E2BIG: self = .argumentsTooLong(executable: executable)
        case EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC: self = .noResources(error)
        default: self = .notStarted(error)
        }
    }

    /// How long it may go on.
    package enum Duration: Sendable {
        /// It may be otherwise in a while, by itself.
        case passing
        /// It is about files: an administrator must mend something, or a deploy is just doing it.
        case untilFilesChange
        /// It is about what the command is given: trying again cannot help.
        case lasting
    }

    package var duration: Duration {
        switch self {
        case .noResources, .limitsRefused, .notWatched, .endUnknown, .cancelled: .passing
        // The file is just being written.
        case .notStarted(let error) where error.errorNumber == ETXTBSY: .passing
        case .notFound, .interpreterNotFound, .notAllowed, .notAProgram, .noDirectory, .notStarted:
            .untilFilesChange
        case .argumentsTooLong, .holdsNUL: .lasting
        }
    }

    /// Whether a start would fail in the same way at once.
    package var isLasting: Bool { duration != .passing }

    package var description: String {
        switch self {
        case .notFound(let path): "cannot start \(path): there is no such file"
        case .interpreterNotFound(let path):
            "cannot start \(path): the interpreter that its first line names does not exist"
        case .notAllowed(let path):
            "cannot start \(path): permission denied; is it executable for this user, and are all "
                + "directories on its path?"
        case .notAProgram(let path):
            "cannot start \(path): it is no program of this machine; does a script lack its first "
                + "line '#!…'?"
        case .argumentsTooLong(let path):
            "cannot start \(path): its arguments and environment are longer than the system takes"
        case .noDirectory(let error): error.description
        case .limitsRefused(let error):
            "\(error); does the unit allow it (SystemCallFilter=, LimitNICE=)?"
        case .holdsNUL(let path, let part): "cannot start \(path): there is a NUL in \(part)"
        case .noResources(let error):
            "\(error); is TasksMax=, MemoryMax= or LimitNOFILE= of the unit too low?"
        case .notWatched(let error): "a child process was ended again: \(error)"
        case .endUnknown(let error):
            "\(error); does something in this process wait for children that are not its own?"
        case .notStarted(let error): error.description
        case .cancelled: "cancelled before it was started"
        }
    }
}
