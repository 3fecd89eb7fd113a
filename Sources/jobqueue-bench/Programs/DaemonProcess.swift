/// A daemon as it is deployed: a process of its own, with its pages, its control socket and its log.
struct DaemonProcess {
    let usage: ProcessUsage
    private let program: Program

    /// Starts it, and returns when it waits for work.
    init(_ name: String, slots: Int, on bench: Bench) async throws {
        let folder = try bench.scratch.folder("daemon")
        program = try Program(
            Program.path(ofSibling: name),
            [
                "--addr", "unix:\(bench.redis.socket)", "--namespace", bench.namespace,
                "--concurrency", "\(slots)", "--control", "\(folder)/control.sock",
                "--metrics-addr", "127.0.0.1:0", "--log-level", "error",
            ])
        usage = ProcessUsage(pid: program.pid)
        try await bench.redis.waitForIdleWorker()
    }

    func stop() async { await program.stop() }
}
