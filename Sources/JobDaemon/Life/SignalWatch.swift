import ChildProcesses
import EventLoop
import Glibc
import JobQueue
import LinuxSystem

/// SIGTERM and SIGINT ask for a drain, a second one ends the process at once. SIGHUP asks for a reload.
actor SignalWatch {
    private let loop: EventLoop
    private var sources: [SignalHolder] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(
        loop: EventLoop, stop: StopSwitch, reload: Bell, processes: ChildProcesses, log: LogWriter
    ) async throws {
        self.loop = loop
        for signal in [SIGTERM, SIGINT] {
            let name = ProcessSignals.name(of: signal)
            sources.append(
                SignalHolder(
                    try SignalSource(loop: loop, signal: signal) {
                        guard stop.askBySignal(name) else { return }
                        log.write(
                            LogRecord(
                                level: .warning,
                                message: "a second signal (\(name)): ending at once; what runs is "
                                    + "recovered by others or at the next start"))
                        processes.assumeIsolated { processes in
                            processes.killAll()
                            processes.sweepForGood()
                        }
                        log.flush(within: .seconds(1))
                        exit(ExitCode.interrupted.rawValue)
                    }))
        }
        sources.append(
            SignalHolder(
                try SignalSource(loop: loop, signal: SIGHUP) { reload.ring() }))
    }

    func end() { sources = [] }
}

/// Arrays cannot hold noncopyable values.
private final class SignalHolder {
    private let source: SignalSource

    init(_ source: consuming SignalSource) { self.source = source }
}
