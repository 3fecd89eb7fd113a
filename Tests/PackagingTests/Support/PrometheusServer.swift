import Foundation
import TestSupport

/// A real Prometheus that scrapes one daemon.
final class PrometheusServer: Sendable {
    private let directory: TemporaryDirectory
    private let process: ChildProcess
    private let port: Int

    /// - Parameter target: the port of the daemon's pages.
    init(scraping target: UInt16) throws {
        directory = try TemporaryDirectory()
        port = try freePort()
        let configuration = try directory.write(
            """
            global:
              scrape_interval: 250ms
              scrape_timeout: 250ms
            scrape_configs:
              - job_name: jobqueued
                static_configs:
                  - targets: ['127.0.0.1:\(target)']
            """, to: "prometheus.yml")
        process = try ChildProcess(
            "/usr/bin/prometheus",
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(directory.file("data"))",
                "--web.listen-address=127.0.0.1:\(port)",
            ])
    }

    /// How many series a query has now. Fails while the server does not answer, or finds a mistake in it.
    func series(of query: String) throws -> Int {
        let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let page = try RawClient(port: UInt16(port)).get("/api/v1/query?query=\(encoded)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(page.body.utf8))
        guard let data = answer.data else {
            throw TestSupportError("\(query): \(answer.error ?? "no data")")
        }
        return data.result.count
    }

    private struct Answer: Decodable {
        let data: Result?
        let error: String?

        struct Result: Decodable {
            let result: [Series]
        }

        struct Series: Decodable {}
    }
}
