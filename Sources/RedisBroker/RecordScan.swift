import JobQueue
import Redis

/// A way through one container, slice by slice, for an operator who looks for something.
struct RecordScan {
    let queue: QueueName
    let state: JobState
    let newestFirst: Bool
    /// Only records that contain this are given; empty: all are.
    let text: String
    /// How many entries the next slice passes over. Whoever takes records out of the container
    /// lessens it by as many: what stands behind them has come forward.
    var offset = 0

    init(
        _ queue: QueueName, _ state: JobState, newestFirst: Bool = false,
        containing text: String = ""
    ) {
        self.queue = queue
        self.state = state
        self.newestFirst = newestFirst
        self.text = text
    }
}

extension RedisBroker {
    /// The next slice of records, which may hold none; `nil` at the end.
    func next(_ scan: inout RecordScan) async throws -> [JobRecord]? {
        let call = ScriptCall(
            Scripts.scan, keys: [keys.of(scan.queue).container(of: scan.state)],
            arguments: [
                scan.newestFirst ? "backward" : "forward", String(scan.offset),
                String(Slice.count), String(Slice.bytes), scan.text,
            ])
        let reply = try await askOne(.script(call)).array()
        guard let looked = try reply.first?.count(), looked > 0 else { return nil }
        scan.offset += looked
        var records: [JobRecord] = []
        for index in stride(from: 1, to: reply.count - 1, by: 2) {
            let score = Double(try reply[index + 1].text())
            records.append(
                JobRecord(
                    queue: scan.queue, state: scan.state, envelope: try reply[index].bytes(),
                    time: score.flatMap { Int64(exactly: $0.rounded()) }))
        }
        return records
    }
}

// MARK: - Asking

extension RedisBroker {
    /// Makes requests now; fails when there is no connection.
    func askAll(
        _ requests: [RedisRequest]
    ) async throws(BrokerError) -> [Result<RedisReply, RedisError>] {
        let connection: RedisConnection
        do {
            connection = try await client.connectionNow()
        } catch {
            throw BrokerError(error)
        }
        return await connection.perform(requests, timeout: options.commandTimeout)
    }

    func askOne(_ request: RedisRequest) async throws(BrokerError) -> RedisReply {
        switch try await askAll([request])[0] {
        case .success(let reply): return reply
        case .failure(let error): throw BrokerError(error)
        }
    }
}
