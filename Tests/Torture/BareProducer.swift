import TestSupport

/// A producer that knows nothing but Redis: bare RPUSH and ZADD, one connection, made anew when it is
/// lost.
struct BareProducer {
    let redis: RedisServer
    let ledger: Ledger

    /// Enqueues one job after the other until the task is cancelled.
    func run() async {
        var connection: RESPConnection?
        var number = 0
        while !Task.isCancelled {
            number += 1
            let id = "t-bare-\(number)"
            let envelope = #"{"id":"\#(id)","type":"test:job","payload":{}}"#
            let command =
                number.isMultiple(of: 7)
                ? ["ZADD", "jq:{default}:scheduled", "1", envelope]
                : ["RPUSH", "jq:{default}:pending", envelope]
            do {
                let known = try connection ?? redis.connect()
                connection = known
                try known.command(command)
                ledger.answered(id)
            } catch {
                connection = nil
                ledger.unknown(id)
            }
            await pause(.milliseconds(6))
        }
    }
}
