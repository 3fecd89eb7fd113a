import CLinux
import Glibc

/// What this process does with signals, to be settled before its first other thread starts.
package enum ProcessSignals {
    /// Blocks `signals` in the calling thread and in those that it starts from now on, so that they
    /// arrive as events of the loop. A thread that exists already would still be struck by them.
    ///
    /// Wraps `pthread_sigmask(3)`.
    package static func block(_ signals: [Int32]) {
        var set = set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Takes `block` back for the calling thread.
    package static func unblock(_ signals: [Int32]) {
        var set = set(of: signals)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Waits for one of `signals`, which every thread blocks. Wraps `sigwait(3)`.
    package static func next(of signals: [Int32]) -> Int32 {
        var set = set(of: signals)
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    /// Ends this process as `signal` does where nobody hears it, so that its parent learns the cause.
    package static func end(by signal: Int32) {
        clinux_default_signal(signal)
        unblock([signal])
        raise(signal)
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals {
            let added = sigaddset(&set, signal)
            precondition(added == 0, "there is no signal \(signal)")
        }
        return set
    }

    /// How many threads of this process beside the calling one are struck by one of `signals`, as they do
    /// not block it. Reads `/proc/self/task`.
    package static func threadsStruck(by signals: [Int32]) throws(SystemError) -> Int {
        let own = Int(clinux_thread_id())
        let wanted = signals.reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }
        return try DirectoryNames.read("/proc/self/task").count { name in
            guard let thread = Int(String(decoding: name, as: UTF8.self)), thread != own,
                // A thread that has ended meanwhile is struck by nothing.
                let blocked = blockedSignals(ofThread: thread)
            else { return false }
            return blocked & wanted != wanted
        }
    }

    /// The line `SigBlk:` of proc(5).
    private static func blockedSignals(ofThread thread: Int) -> UInt64? {
        guard
            let bytes = try? FileDescriptor.open(reading: "/proc/self/task/\(thread)/status")
                .readToEnd(limit: 1 << 16),
            let line = bytes.split(separator: UInt8(ascii: "\n"))
                .first(where: { $0.starts(with: "SigBlk:".utf8) })
        else { return nil }
        let digits = String(decoding: line, as: UTF8.self).dropFirst(7)
        return UInt64(digits.filter { !$0.isWhitespace }, radix: 16)
    }

    /// Lets a write to a connection that is gone fail with EPIPE where it would end the process.
    /// Children inherit it unless they are started with the default.
    package static func ignoreBrokenPipes() { clinux_ignore_signal(SIGPIPE) }

    /// Children wait for their parent when they have ended: a parent that was itself started with
    /// SIGCHLD ignored would never hear how.
    package static func keepEndedChildren() { clinux_default_signal(SIGCHLD) }

    /// This process is killed when the thread ends that has started it: with its parent, where that
    /// is a thread which stays. Wraps `prctl(2)` with PR_SET_PDEATHSIG.
    package static func dieWithParent() { _ = clinux_die_with_parent() }

    /// The name of a signal as people write it: "SIGTERM"; "signal 99" when it has none.
    package static func name(of signal: Int32) -> String {
        names[signal].map { "SIG" + $0 } ?? "signal \(signal)"
    }

    /// `sigabbrev_np(3)` is hidden behind _GNU_SOURCE, and `strsignal(3)` translates.
    private static let names: [Int32: String] = [
        SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGILL: "ILL", SIGTRAP: "TRAP",
        SIGABRT: "ABRT", SIGBUS: "BUS", SIGFPE: "FPE", SIGKILL: "KILL", SIGUSR1: "USR1",
        SIGSEGV: "SEGV", SIGUSR2: "USR2", SIGPIPE: "PIPE", SIGALRM: "ALRM", SIGTERM: "TERM",
        SIGCHLD: "CHLD", SIGCONT: "CONT", SIGSTOP: "STOP", SIGTSTP: "TSTP", SIGXCPU: "XCPU",
        SIGXFSZ: "XFSZ", SIGSYS: "SYS",
    ]
}
