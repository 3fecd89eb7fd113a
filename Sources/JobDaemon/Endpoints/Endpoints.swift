import EventLoop
import HTTPServer
import JobControl
import JobQueue
import RedisBroker

/// What the daemon listens on. The sockets are bound before the broker is tried, so that a port that is
/// taken is told at once, and `/healthz` answers while Redis is awaited.
struct Endpoints: Sendable {
    private let http: HTTPServer

    init(
        loop: EventLoop, options: DaemonOptions, broker: RedisBroker, worker: Worker,
        health: Health, metrics: Metrics, stop: StopSwitch, log: LogWriter
    ) async throws(StartFailure) {
        let pages = StatusPages(
            broker: broker, worker: worker, health: health, metrics: metrics, log: log,
            clock: health.clock, queues: options.schedule.queues)
        do {
            let listener = try HTTPListener(address: try ListenAddress(options.metricsAddress))
            http = HTTPServer(loop: loop, listener: listener) { await pages.answer($0) }
            try await http.start()
        } catch {
            throw StartFailure(.configuration, "\(error) (--metrics-addr)")
        }
    }

    func close() async {
        await http.stop()
    }
}
