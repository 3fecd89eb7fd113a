import EventLoop
import HTTPServer
import JobControl
import JobQueue
import LinuxSystem

/// What the daemon listens on. The sockets are bound before the broker is tried, so that a port that is
/// taken is told at once, and `/healthz` answers while Redis is awaited. Calls on the control socket wait
/// until `serveControl`.
struct Endpoints: Sendable {
    private let http: HTTPServer
    private let control: ControlServer

    /// - Parameter passed: What systemd has opened already is taken instead of the settings' address.
    init(
        loop: EventLoop, options: DaemonOptions, broker: any DaemonBroker, worker: Worker,
        health: Health, metrics: Metrics, stop: StopSwitch,
        reloader: any ConfigurationReader, log: LogWriter,
        passed: PassedSockets = PassedSockets()
    ) async throws(StartFailure) {
        let pages = StatusPages(
            broker: broker, worker: worker, health: health, metrics: metrics, log: log,
            clock: health.clock, queues: options.schedule.queues)
        do {
            let listener =
                if let socket = passed.metrics {
                    try HTTPListener(taking: socket)
                } else {
                    try HTTPListener(address: try ListenAddress(options.metricsAddress))
                }
            http = HTTPServer(loop: loop, listener: listener) { await pages.answer($0) }
            try await http.start()
        } catch {
            throw StartFailure(.configuration, "\(error)")
        }
        log.write(
            LogRecord(
                level: .info,
                message:
                    "serving http://\(passed.metrics == nil ? Self.host(of: options) : "localhost")"
                    + ":\(http.port)/metrics"))
        let service = OperatorService(
            broker: broker, worker: worker, stop: stop,
            reloader: reloader, clock: LoopClock(loop: loop), log: log)
        do {
            let listener =
                if let socket = passed.control {
                    try UnixSocket.take(listening: socket)
                } else {
                    try UnixSocket.listen(path: options.controlPath, mode: Self.socketMode)
                }
            control = ControlServer(
                loop: loop, listener: listener,
                socketPath: passed.control == nil ? options.controlPath : nil,
                access: try .standard(
                    group: Self.group, isService: options.isControlOfService),
                service: service
            ) { log.write(LogRecord($0)) }
        } catch {
            await http.stop()
            throw StartFailure(.configuration, "\(error) (--control)")
        }
    }

    /// Answers the calls on the control socket from now on, also those that came before: the one whose
    /// coming has started the daemon is not told that the broker is not connected yet.
    func serveControl() async throws(StartFailure) {
        do {
            try await control.start()
        } catch {
            throw StartFailure(.configuration, "\(error) (--control)")
        }
    }

    /// Answers what is under way, and closes all.
    func close() async {
        await control.stop()
        await http.stop()
    }

    /// The daemon's user and group may open the socket; who may act is decided by `ControlAccess`.
    private static let socketMode: UInt32 = 0o660
    /// Its members may steer the daemon.
    private static let group = "jobqueued"

    /// How a person on this machine reaches the pages.
    private static func host(of options: DaemonOptions) -> String {
        let host = options.metricsAddress.prefix { $0 != ":" }
        return host.isEmpty ? "localhost" : String(host)
    }
}
