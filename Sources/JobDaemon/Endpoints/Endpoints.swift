import EventLoop
import HTTPServer
import JobControl
import JobQueue
import LinuxSystem

/// What the daemon listens on. The sockets are bound before the broker is tried, so that a port that is
/// taken is told at once, and `/healthz` answers while Redis is awaited. Calls on the control socket wait
/// until `serveControl`.
struct Endpoints: Sendable {
    /// `nil`: there are no pages.
    private let http: HTTPServer?
    /// The socket's file, to be removed; `nil`: there is none, or it belongs to others.
    private let pagesPath: String?
    private let log: LogWriter
    private let control: ControlServer

    /// - Parameter passed: What systemd has opened already is taken instead of the settings' address.
    init(
        loop: EventLoop, options: DaemonOptions, broker: any DaemonBroker, worker: Worker,
        health: Health, metrics: Metrics, stop: StopSwitch,
        reloader: any ConfigurationReader, log: LogWriter,
        passed: PassedSockets = PassedSockets(), plan: DescriptorPlan? = nil
    ) async throws(StartFailure) {
        let counts = SharedStats(clock: health.clock, on: loop) { try await broker.stats() }
        let pages = StatusPages(
            stats: counts, worker: worker, health: health, metrics: metrics, log: log,
            clock: health.clock, queues: options.schedule.queues)
        self.log = log
        do {
            let place = try passed.metrics == nil ? MetricsAddress(options.metricsAddress) : nil
            pagesPath = if case .unix(let path)? = place { path } else { nil }
            if let listener = try Self.listener(place, passed) {
                let port = listener.port
                var limits = HTTPServerLimits()
                if let plan { limits.connections = plan.pageClients }
                let http = HTTPServer(loop: loop, listener: listener, limits: limits) {
                    await pages.answer($0)
                }
                try await http.start()
                self.http = http
                log.write(
                    LogRecord(
                        level: .info, message: "serving " + Self.url(of: place, port: port)))
            } else {
                http = nil
            }
        } catch {
            throw StartFailure(.configuration, "\(error)")
        }
        let service = OperatorService(
            broker: broker, counts: counts, worker: worker, stop: stop,
            reloader: reloader, clock: LoopClock(loop: loop), log: log)
        do {
            let listener =
                if let socket = passed.control {
                    try UnixSocket.take(listening: socket)
                } else {
                    try UnixSocket.listen(path: options.controlPath, mode: Self.socketMode)
                }
            var limits = ControlLimits()
            if let plan { plan.apply(to: &limits) }
            control = ControlServer(
                loop: loop, listener: listener,
                socketPath: passed.control == nil ? options.controlPath : nil,
                access: try .standard(
                    group: Self.group, isService: options.isControlOfService),
                service: service, limits: limits
            ) { log.write(LogRecord($0)) }
        } catch {
            await Self.close(http, at: pagesPath, log)
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

    /// Makes the control socket again where its file was removed.
    ///
    /// - Returns: a line for the log; `nil`: all is well.
    func keepControlSocket() async -> String? { await control.keepFile(mode: Self.socketMode) }

    /// Answers what is under way, and closes all.
    func close() async {
        await control.stop()
        await Self.close(http, at: pagesPath, log)
    }

    private static func close(_ http: HTTPServer?, at path: String?, _ log: LogWriter) async {
        await http?.stop()
        guard let path else { return }
        do {
            try UnixSocket.remove(path: path)
        } catch {
            log.write(LogRecord(level: .warning, message: "\(error)"))
        }
    }

    /// - Parameter place: `nil`: what systemd has opened.
    private static func listener(
        _ place: MetricsAddress?, _ passed: PassedSockets
    ) throws -> HTTPListener? {
        switch place {
        case .off?: nil
        case .unix(let path)?:
            try HTTPListener(
                taking: UnixSocket.listen(path: path, mode: socketMode).release())
        case .tcp(let address)?: try HTTPListener(address: address)
        case nil: try passed.metrics.map { try HTTPListener(taking: $0) }
        }
    }

    /// The daemon's user and group may open the socket; who may act is decided by `ControlAccess`.
    private static let socketMode: UInt32 = 0o660
    /// Its members may steer the daemon.
    private static let group = "jobqueued"

    /// How a person on this machine reaches the pages.
    private static func url(of place: MetricsAddress?, port: UInt16) -> String {
        switch place {
        case .unix(let path)?: "/metrics on the socket \(path)"
        case .tcp(let address)? where address.host?.contains(":") == true:
            // In a URL the % before the zone of an IPv6 address is written %25.
            "http://[\((address.host ?? "").replacing("%", with: "%25"))]:\(port)/metrics"
        case .tcp(let address)?: "http://\(address.host ?? "localhost"):\(port)/metrics"
        case .off?, nil: "http://localhost:\(port)/metrics"
        }
    }
}
