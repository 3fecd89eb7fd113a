import Foundation
import TestSupport
import Testing

@Suite("Alerts and the dashboard")
struct MonitoringTests {
    @Test("promtool has no complaint about the rules, and each calls when it should and only then")
    func alerts() async throws {
        for arguments in [
            ["check", "rules", PackageFile.path("packaging/prometheus/alerts.yml")],
            ["check", "config", PackageFile.path("packaging/prometheus/prometheus.yml")],
            ["test", "rules", PackageFile.path("packaging/prometheus/alerts.test.yml")],
        ] {
            let (lines, errors, status) = try await output(of: "/usr/bin/promtool", arguments)
            #expect(status == .exited(0), "\(arguments) \(lines) \(errors)")
        }
    }

    @Test("every alert has a case in which it calls")
    func cases() throws {
        let alerts = try PackageFile.text("packaging/prometheus/alerts.yml")
            .matches(of: /- alert: (\w+)/).map { String($0.output.1) }
        let called = try PackageFile.text("packaging/prometheus/alerts.test.yml")
            .matches(of: #/alertname: (\w+)\n\s+exp_alerts:\n\s+- /#).map { String($0.output.1) }
        #expect(alerts.count == 9)
        #expect(Set(alerts) == Set(called))
    }

    @Test("every query of the dashboard has data from a Prometheus that scrapes a daemon")
    func dashboard() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        let prometheus = try PrometheusServer(scraping: daemon.port)
        let queries = try Dashboard.load().panels.flatMap(\.targets).map(\.query)
        #expect(queries.count > 20)
        await eventually("Prometheus scrapes", within: .seconds(60)) {
            try prometheus.series(of: "jobqueue_slots") == 1
        }
        try await daemon.done(
            "enqueue", "--type", "email:welcome", "--payload", #"{"user_id":42}"#, "--count", "10")
        try await daemon.done("enqueue", "--type", "demo:fail", "--max-attempts", "1")
        for query in queries {
            await eventually("\(query)", within: .seconds(60)) {
                try prometheus.series(of: query) > 0
            }
        }
        // What Prometheus does not know has none.
        #expect(try prometheus.series(of: "jobqueue_no_such_metric") == 0)
    }
}

/// As Grafana reads it.
private struct Dashboard: Decodable {
    let panels: [Panel]

    struct Panel: Decodable {
        let targets: [Target]
    }

    struct Target: Decodable {
        let expr: String

        /// With Grafana's variables filled in.
        var query: String {
            expr.replacing("$__rate_interval", with: "30s").replacing("$queue", with: ".*")
        }
    }

    static func load() throws -> Dashboard {
        try JSONDecoder().decode(
            Dashboard.self,
            from: Data(PackageFile.text("packaging/grafana/jobqueue.json").utf8))
    }
}
