import Foundation
import JobQueue
import Synchronization
import TestSupport

/// A producer that uses the daemon's control socket: delays, unique keys, ids of its own.
struct ControlProducer {
    let socket: String
    let ledger: Ledger

    /// Enqueues one job after the other until the task is cancelled.
    func run(seed: UInt64) async {
        var draw = JobDraw(seed: seed, name: "control")
        let connection = Connection(socket: socket)
        while !Task.isCancelled {
            let drawn = draw.next()
            await onThread { enqueue(drawn, by: connection) }
            await pause(.milliseconds(6))
        }
    }

    private func enqueue(_ drawn: DrawnJob, by connection: Connection) {
        do {
            let answer = try connection.call("Enqueue", drawn.parameters)
            let parameters = answer["parameters"] as? [String: Any]
            guard let jobs = parameters?["jobs"] as? [[String: Any]],
                let id = jobs.first?["id"] as? String
            else { return ledger.refused(drawn.id) }
            ledger.answered(id)
        } catch {
            // It may have been sent before the daemon was killed.
            ledger.unknown(drawn.id)
        }
    }

    /// Made anew when it is lost.
    private final class Connection: Sendable {
        private let socket: String
        private let client = Mutex<BareControlClient?>(nil)

        init(socket: String) { self.socket = socket }

        func call(_ method: String, _ parameters: [String: Any]) throws -> [String: Any] {
            let known = client.withLock { client in
                defer { client = nil }
                return client
            }
            let used = try known ?? BareControlClient(socket: socket)
            let answer = try used.call(method, parameters)
            client.withLock { $0 = used }
            return answer
        }
    }
}

extension DrawnJob {
    /// As the protocol has it.
    fileprivate var parameters: [String: Any] {
        var parameters: [String: Any] = [
            "type": job.type.description, "payload": job.payload.text, "id": id,
            "queue": job.queue.description,
        ]
        if case .after(let delay) = job.start { parameters["delay_ms"] = Int(delay.milliseconds) }
        if let key = job.uniqueKey { parameters["unique_key"] = key }
        return parameters
    }
}
