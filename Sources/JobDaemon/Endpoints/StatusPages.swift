import HTTPServer
import JobQueue
import Synchronization

/// The three pages over HTTP: `/metrics`, `/healthz` and `/stats`. Whoever asks costs the broker nothing: the counts
/// are shared by all.
struct StatusPages: Sendable {
    let stats: SharedStats
    let worker: Worker
    let health: Health
    let metrics: Metrics
    let log: LogWriter
    let clock: any JobClock
    let queues: [QueueName]
    private let lastMetrics = MetricsPages()

    init(
        stats: SharedStats, worker: Worker, health: Health, metrics: Metrics, log: LogWriter,
        clock: any JobClock, queues: [QueueName]
    ) {
        self.stats = stats
        self.worker = worker
        self.health = health
        self.metrics = metrics
        self.log = log
        self.clock = clock
        self.queues = queues
    }

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        switch request.path {
        case "/metrics": await metricsPage()
        case "/healthz": healthPage(request.isLocal)
        case "/stats": await statsPage(request.isLocal)
        default: HTTPResponse(status: 404, text: "there is /metrics, /healthz and /stats\n")
        }
    }

    /// Words of the broker and of the system are for this machine alone; others get a code for each thing.
    private func healthPage(_ isLocal: Bool) -> HTTPResponse {
        let problems = health.findings()
        guard problems.isEmpty else {
            let lines = problems.map { isLocal ? LogText.line($0.text) : $0.code }
            return HTTPResponse(status: 503, text: lines.map { $0 + "\n" }.joined())
        }
        return HTTPResponse(status: 200, text: "ok\n")
    }

    private func statsPage(_ isLocal: Bool) async -> HTTPResponse {
        if let trouble = health.monitor.trouble {
            return .unavailable(
                isLocal
                    ? "cannot reach the broker: " + LogText.line(trouble)
                    : "the broker does not answer")
        }
        do {
            guard let stats = try await recentStats() else {
                return .unavailable("the broker does not answer in time")
            }
            let now = clock.unixMilliseconds
            return HTTPResponse(
                contentType: "application/json",
                body: Array(StatsJSON.text(of: stats, unixMilliseconds: now).utf8))
        } catch {
            return .unavailable(
                isLocal ? LogText.line("\(error)") : "the broker does not answer")
        }
    }

    /// - Returns: `nil` when they do not come in time.
    private func recentStats() async throws -> BrokerStats? {
        let answer = await within(Self.patience, clock) {
            () async -> Result<BrokerStats, any Error> in
            do {
                return .success(try await self.stats.recent())
            } catch {
                return .failure(error)
            }
        }
        return try answer?.get()
    }

    /// Shorter than a scrape may take.
    private static let patience = Duration.milliseconds(1500)

    /// The daemon's own metrics are there even when the broker is not.
    private func metricsPage() async -> HTTPResponse {
        if let page = lastMetrics.page(at: clock.now) { return page }
        var snapshot = MetricsSnapshot()
        let (busy, slots) = worker.workbench.occupancy
        snapshot.slotsBusy = busy
        snapshot.slots = slots
        snapshot.reconnects = health.monitor.reconnects
        snapshot.droppedLogLines = log.droppedLines
        snapshot.isBrokerUp = health.monitor.trouble == nil
        // Without an answer the broker's counts are left out, and `jobqueue_broker_up` tells why.
        if snapshot.isBrokerUp, let stats = try? await recentStats() {
            snapshot.add(stats, unixMilliseconds: clock.unixMilliseconds, of: queues)
        } else {
            snapshot.isBrokerUp = false
        }
        let page = HTTPResponse(
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(metrics.text(snapshot).utf8))
        lastMetrics.keep(page, at: clock.now)
        return page
    }
}

extension HTTPResponse {
    fileprivate static func unavailable(_ line: String) -> HTTPResponse {
        HTTPResponse(status: 503, text: line + "\n")
    }
}

/// The last page of metrics, for those who ask more often than a scraper does.
private final class MetricsPages: Sendable {
    private struct State {
        var begun = MonotonicTime(nanoseconds: 0)
        /// How many were made since then.
        var made = 0
        var last: HTTPResponse?
    }

    private let state = Mutex(State())

    /// - Returns: `nil` when one may be made.
    func page(at now: MonotonicTime) -> HTTPResponse? {
        state.withLock { state in
            if now.since(state.begun) >= .seconds(1) { state = State(begun: now) }
            return state.made < Self.madeInOneSecond ? nil : state.last
        }
    }

    func keep(_ page: HTTPResponse, at now: MonotonicTime) {
        state.withLock { state in
            state.made += 1
            state.last = page
        }
    }

    private static let madeInOneSecond = 20
}
