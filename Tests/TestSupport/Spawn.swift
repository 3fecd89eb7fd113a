import Foundation

/// Hidden behind _GNU_SOURCE, which Swift's Glibc module is built without.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func addCloseFrom(
    _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32
) -> Int32

/// Starting processes for tests.
enum Spawn {
    enum Group {
        /// A process group of its own, so that it can be killed with what it started.
        case own
        /// A session of its own: Ctrl-C on the terminal does not reach it.
        case session
    }

    /// Wraps `posix_spawn(3)`. The process gets three descriptors and no other, no blocked signal,
    /// and the default action for each signal.
    static func start(
        _ executable: String, _ arguments: [String], environment: [String: String],
        input: Int32, output: Int32, errors: Int32, group: Group
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [(0, input), (1, output), (2, errors)] {
            posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }
        _ = addCloseFrom(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let setSession: Int32 = 0x80  // POSIX_SPAWN_SETSID, behind _GNU_SOURCE too
        let grouping = group == .own ? Int32(POSIX_SPAWN_SETPGROUP) : setSession
        posix_spawnattr_setflags(
            &attributes,
            Int16(Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | grouping))

        var argv = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, executable, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw TestSupportError.systemCall("starting \(executable)", code) }
        return pid
    }

    /// Both ends of a pipe: `read` and `write`, neither inherited by a child.
    static func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestSupportError.systemCall("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}

/// Kills the children that are left when the test process itself is killed: a shell that waits for
/// the end of a pipe which only the test process holds.
final class OrphanGuard: Sendable {
    /// `nil` when it could not be started: the tests work without it.
    static let shared = try? OrphanGuard()

    private let descriptor: Int32

    private init() throws {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw TestSupportError.systemCall("socketpair")
        }
        defer { close(ends[1]) }
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        _ = try Spawn.start(
            "/bin/sh", ["-c", Self.script], environment: ["PATH": "/usr/bin:/bin"],
            input: ends[1], output: null, errors: null, group: .session)
        descriptor = ends[0]
    }

    func add(_ pid: pid_t) { send("+\(pid)\n") }
    func remove(_ pid: pid_t) { send("-\(pid)\n") }

    private func send(_ line: String) {
        let bytes = Array(line.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static let script = """
        live=" "
        while read -r line; do
            pid=${line#?}
            case $line in
            +*) live="$live$pid " ;;
            -*) case $live in *" $pid "*) live="${live%%" $pid "*} ${live#*" $pid "}" ;; esac ;;
            esac
        done
        for pid in $live; do kill -KILL "-$pid"; done
        """
}
