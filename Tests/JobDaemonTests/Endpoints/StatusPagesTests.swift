import Foundation
import HTTPServer
import JobQueue
import LinuxSystem
import TestSupport
import Testing

@testable import JobDaemon

@Suite("The daemon's pages")
struct StatusPagesTests {
    private func pages(_ stand: BrokerStand) throws -> StatusPages {
        StatusPages(
            stats: SharedStats(clock: stand.clock, on: stand.loop) {
                try await stand.broker.stats()
            },
            worker: stand.worker, health: stand.health,
            metrics: Metrics(types: [Sample.type("work")], queues: [.default], version: "1"),
            log: try LogWriter.start(level: .error), clock: stand.clock, queues: [.default])
    }

    private func get(_ pages: StatusPages, _ path: String, isLocal: Bool = true) async -> (
        status: Int, type: String, text: String
    ) {
        let response = await pages.answer(HTTPRequest(path: path, isLocal: isLocal))
        return (
            response.status, response.contentType, String(decoding: response.body, as: UTF8.self)
        )
    }

    @Test("tell that all is well, and what there is")
    func well() async throws {
        try await withBroker { stand, push in
            try push(#"{"type":"work","enqueued_at":1000}"#)
            let pages = try pages(stand)
            let health = await get(pages, "/healthz")
            #expect(health.status == 200 && health.text == "ok\n")

            let stats = await get(pages, "/stats")
            #expect(stats.status == 200 && stats.type == "application/json")
            #expect(
                stats.text.hasPrefix(
                    #"{"pending":1,"scheduled":0,"active":0,"dead":0,"queues":{"default":{"#))
            #expect(try JSONSerialization.jsonObject(with: Data(stats.text.utf8)) is [String: Any])

            let metrics = await get(pages, "/metrics")
            #expect(
                metrics.status == 200
                    && metrics.type == "text/plain; version=0.0.4; charset=utf-8")
            let samples = Samples(metrics.text)
            #expect(samples["jobqueue_broker_up"] == "1")
            #expect(samples[#"jobqueue_jobs{queue="default",state="pending"}"#] == "1")
            #expect(samples["jobqueue_slots"] == "2" && samples["jobqueue_slots_busy"] == "0")
        }
    }

    @Test("tell why the daemon is not well, and their metrics are there all the same")
    func noBroker() async throws {
        try await withEventLoop { loop in
            let stand = BrokerStand.withoutRedis(loop: loop)
            let pages = try pages(stand)
            let health = await get(pages, "/healthz")
            #expect(health.status == 503)
            #expect(health.text == "not connected to Redis at 127.0.0.1:1 yet\n")

            let stats = await get(pages, "/stats")
            #expect(stats.status == 503 && stats.text.hasSuffix("\n"))
            #expect(stats.text.contains("cannot reach the broker"))

            let metrics = await get(pages, "/metrics")
            #expect(metrics.status == 200)
            let samples = Samples(metrics.text)
            #expect(samples["jobqueue_broker_up"] == "0")
            #expect(samples[#"jobqueue_jobs{queue="default",state="pending"}"#] == nil)
            #expect(samples[#"jobqueue_jobs_processed_total{type="work"}"#] == "0")
        }
    }

    @Test("tell every reason on a line of its own, whatever it holds")
    func reasons() async throws {
        try await withEventLoop { loop in
            let stand = BrokerStand.withoutRedis(loop: loop)
            stand.monitor.note(.down(reason: "gone\nok\u{1B}[2J"))
            let health = await get(try pages(stand), "/healthz")
            #expect(health.status == 503 && health.text == "gone\\nok\\x1b[2J\n")
        }
    }

    @Test("tell others than this machine no address of the broker, and none of its words")
    func strangers() async throws {
        try await withEventLoop { loop in
            let stand = BrokerStand.withoutRedis(loop: loop)
            let pages = try pages(stand)
            #expect(await get(pages, "/healthz", isLocal: false).text == "broker connecting\n")
            stand.monitor.note(.down(reason: "lost Redis at 10.0.0.1:6379: refused"))
            #expect(await get(pages, "/healthz", isLocal: false).text == "broker lost\n")
            stand.monitor.note(.unfit(reason: "WRONGPASS for user 'x'"))
            let health = await get(pages, "/healthz", isLocal: false)
            #expect(health.status == 503 && health.text == "broker refuses\n")
            let stats = await get(pages, "/stats", isLocal: false)
            #expect(stats.status == 503 && stats.text == "the broker does not answer\n")
        }
    }

    @Test("do not wait for a broker that hangs: the metrics come without the queues")
    func hangingBroker() async throws {
        try await withEventLoop { loop in
            let stand = BrokerStand.withoutRedis(loop: loop)
            stand.monitor.note(.up(warnings: []))
            let isHeld = Watched(true)
            let pages = StatusPages(
                stats: SharedStats(clock: stand.clock, on: loop) {
                    _ = await isHeld.wait(within: .seconds(60)) { !$0 }
                    return BrokerStats(queues: [])
                }, worker: stand.worker, health: stand.health,
                metrics: Metrics(types: [], queues: [.default], version: "1"),
                log: try LogWriter.start(level: .error), clock: stand.clock, queues: [.default])
            let metrics = await get(pages, "/metrics")
            #expect(metrics.status == 200)
            let samples = Samples(metrics.text)
            #expect(samples["jobqueue_broker_up"] == "0" && samples["jobqueue_slots"] == "2")
            #expect(samples[#"jobqueue_jobs{queue="default",state="pending"}"#] == nil)
            let stats = await get(pages, "/stats")
            #expect(stats.status == 503 && stats.text.contains("does not answer in time"))
            isHeld.update { $0 = false }
        }
    }

    @Test(
        "are three, and no path leads anywhere else",
        arguments: [
            "/", "", "/metrics/", "/metrics/../etc/passwd", "//metrics", "/Metrics", "/stats.json",
            "/%6detrics", "http://x/metrics", "/../../etc/passwd",
        ])
    func others(path: String) async throws {
        try await withEventLoop { loop in
            let answer = await get(try pages(.withoutRedis(loop: loop)), path)
            #expect(answer.status == 404)
            #expect(answer.text == "there is /metrics, /healthz and /stats\n")
        }
    }
}
