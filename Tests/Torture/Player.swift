import Glibc
import Synchronization
import TestSupport

/// One daemon of the run: is killed, stopped and drained as the plan says, one thing after the other,
/// and started again each time.
actor Player {
    private let number: Int
    private let daemon: DaemonProcess
    private var last: Task<Void, Never>?
    private(set) var problems: [String] = []
    private var history: [String] = []

    init(
        number: Int, on ground: any Ground, effects: EffectFile, arguments: [String],
        mutant: String?
    ) async throws {
        self.number = number
        daemon = try await .ready(
            "jobqueued-testd", address: ground.address, arguments, directory: ground.directory,
            effects: effects,
            environment: mutant.map { ["JQ_FAILPOINT": $0] } ?? [:])
    }

    func kill(backAfter milliseconds: Int) {
        then { player in
            player.noteCrash()
            try await player.daemon.kill()
            await pause(.milliseconds(milliseconds))
            try player.restart()
        }
    }

    func drain() {
        then { player in
            player.noteCrash()
            try await player.end()
            try player.restart()
        }
    }

    func stop(for milliseconds: Int) {
        then { player in
            player.daemon.signal(SIGSTOP)
            await pause(.milliseconds(milliseconds))
            player.daemon.signal(SIGCONT)
        }
    }

    /// Returns when its present life works.
    func ready() async throws {
        if isForbidden { try restart() }
        try await daemon.ready()
    }

    /// It was started while it was forbidden a command, and has said so and ended.
    private var isForbidden: Bool {
        daemon.child.exitStatus == .exited(77) && daemon.log.contains { $0.contains("permission") }
    }

    /// Awaits all that was ordered.
    func settle() async { await last?.value }

    /// The last drain.
    func retire() async {
        then { player in
            player.noteCrash()
            player.noteDescriptors()
            try await player.end()
        }
        await settle()
    }

    /// What the daemon wrote, over all its lives.
    var log: [String] { history + daemon.log }

    // MARK: -

    private func then(_ action: @escaping @Sendable (isolated Player) async throws -> Void) {
        let before = last
        // `settle` awaits it.
        last = Task {
            await before?.value
            do {
                try await action(self)
            } catch {
                problems.append("daemon \(number): \(error)")
            }
        }
    }

    private func restart() throws {
        history += daemon.log
        try daemon.restart()
    }

    private func end() async throws {
        let status = try await daemon.drain(within: .seconds(30))
        if isForbidden { return }
        // It was only just being started, and had not got as far as to handle signals.
        if status == .killed(signal: SIGTERM), daemon.log.isEmpty { return }
        if status != .exited(0) { problems.append("daemon \(number) drained with \(status)") }
    }

    /// It should be running.
    private func noteCrash() {
        guard let status = daemon.child.exitStatus, !isForbidden else { return }
        problems.append(
            "daemon \(number) ended by itself with \(status): "
                + daemon.log.suffix(3).joined(separator: " | "))
    }

    private func noteDescriptors() {
        let count = Self.descriptors(of: daemon.child.pid)
        if count > Self.mostDescriptors {
            problems.append("daemon \(number) has \(count) descriptors open")
        }
    }

    private static func descriptors(of pid: pid_t) -> Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }

    /// Three connections to Redis, two listeners, the loop's own, standard ones, and some to spare.
    private static let mostDescriptors = 40
}
