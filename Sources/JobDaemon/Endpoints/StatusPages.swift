import HTTPServer
import JobQueue

/// The three pages over HTTP: `/metrics`, `/healthz` and `/stats`.
struct StatusPages: Sendable {
    let broker: any DaemonBroker
    let worker: Worker
    let health: Health
    let metrics: Metrics
    let log: LogWriter
    let clock: any JobClock
    let queues: [QueueName]

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        switch request.path {
        case "/metrics": await metricsPage()
        case "/healthz": healthPage()
        case "/stats": await statsPage()
        default: HTTPResponse(status: 404, text: "there is /metrics, /healthz and /stats\n")
        }
    }

    private func healthPage() -> HTTPResponse {
        let problems = health.problems()
        guard problems.isEmpty else {
            return HTTPResponse(
                status: 503, text: problems.map { LogText.line($0) + "\n" }.joined())
        }
        return HTTPResponse(status: 200, text: "ok\n")
    }

    private func statsPage() async -> HTTPResponse {
        do {
            let stats = try await broker.stats()
            let now = clock.unixMilliseconds
            return HTTPResponse(
                contentType: "application/json",
                body: Array(StatsJSON.text(of: stats, unixMilliseconds: now).utf8))
        } catch {
            return HTTPResponse(status: 503, text: LogText.line("\(error)") + "\n")
        }
    }

    /// The daemon's own metrics are there even when the broker is not.
    private func metricsPage() async -> HTTPResponse {
        var snapshot = MetricsSnapshot()
        let (busy, slots) = worker.workbench.occupancy
        snapshot.slotsBusy = busy
        snapshot.slots = slots
        snapshot.reconnects = health.monitor.reconnects
        snapshot.droppedLogLines = log.droppedLines
        snapshot.isBrokerUp = health.monitor.trouble == nil
        // Without an answer the broker's counts are left out, and `jobqueue_broker_up` tells why.
        if let stats = try? await broker.stats() {
            snapshot.add(stats, unixMilliseconds: clock.unixMilliseconds, of: queues)
        } else {
            snapshot.isBrokerUp = false
        }
        return HTTPResponse(
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(metrics.text(snapshot).utf8))
    }
}
