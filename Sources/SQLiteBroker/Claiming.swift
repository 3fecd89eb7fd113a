import JobQueue
import SQLite

/// From pending to active.
extension JobFile {
    /// Takes up to `count` jobs from the head of a line of `queue`.
    ///
    /// - Parameter firstToken: The token of the first; the others follow it.
    mutating func claim(
        _ count: Int, from queue: QueueName, _ source: ClaimSource, by worker: WorkerID,
        firstToken: UInt64
    ) throws -> ClaimReply {
        let holder = worker.description
        guard leases.isHeld(by: holder, in: queue) else {
            throw BrokerError.leaseLost(worker: holder, queue: queue.description)
        }
        guard let number = try number(of: queue) else {
            return ClaimReply(claims: [], rest: .empty)
        }
        if try isPaused(number) { return ClaimReply(claims: [], rest: .paused) }

        var rows: [Int64] = []
        var claims: [Claim] = []
        var bytes = 0
        try database.query(
            """
            SELECT seq, envelope FROM job
            WHERE queue = ? AND state = 0 AND worker IS NULL AND aside IS ?
            ORDER BY place LIMIT ?
            """, SQLValue(number), SQLValue(source.typeAside), SQLValue(count)
        ) { row in
            let token = LeaseToken(
                worker: worker, queue: queue, number: firstToken &+ UInt64(rows.count))
            rows.append(row.integer(0))
            let size = row.byteCount(1)
            claims.append(
                size > Claim.largest
                    ? Claim(
                        token: token, envelope: row.bytes(1, first: Claim.beginning),
                        all: RecordDigest(size: size, sha1: ""))
                    : Claim(token: token, envelope: row.bytes(1)))
            bytes += size
            return bytes < Slice.bytes
        }
        for (row, claim) in zip(rows, claims) {
            try database.run(
                "UPDATE job SET state = 2, worker = ?, aside = NULL, place = ? WHERE seq = ?",
                SQLValue(holder), SQLValue(Int64(bitPattern: claim.token.number)), SQLValue(row))
        }
        tally.move(claims.count, from: .pending, to: .active, of: number)
        let mayBeMore = claims.count == count || bytes >= Slice.bytes
        return ClaimReply(claims: claims, rest: mayBeMore ? .more : .empty)
    }

    mutating func isPaused(_ queue: Int64) throws(SQLiteError) -> Bool {
        try database.first("SELECT paused FROM queue WHERE id = ?", SQLValue(queue)) {
            $0.integer(0) != 0
        } ?? false
    }

    /// Some types of which jobs wait aside in `queue`, those behind `last`; none: there are no more.
    mutating func typesAside(
        in queue: QueueName, behind last: String
    ) throws(SQLiteError) -> [JobType] {
        guard let number = try number(of: queue) else { return [] }
        var types: [JobType] = []
        // From each type to the next, whatever lies between.
        try database.query(
            """
            WITH RECURSIVE type(name) AS (
                VALUES (?2)
                UNION ALL
                SELECT (SELECT min(aside) FROM job
                        WHERE queue = ?1 AND state = 0 AND worker IS NULL AND aside > type.name)
                FROM type WHERE type.name IS NOT NULL
                LIMIT 101
            )
            SELECT name FROM type WHERE name IS NOT NULL AND name > ?2
            """, SQLValue(number), SQLValue(last)
        ) { row in
            if let type = JobType(row.text(0)) { types.append(type) }
            return true
        }
        return types
    }

    /// Whether a claim from pending in `queue` would bring something.
    mutating func hasWork(in queue: QueueName) throws(SQLiteError) -> Bool {
        guard let number = try number(of: queue), try !isPaused(number) else { return false }
        return try database.first(
            """
            SELECT 1 FROM job
            WHERE queue = ? AND state = 0 AND worker IS NULL AND aside IS NULL LIMIT 1
            """, SQLValue(number)
        ) { _ in true } ?? false
    }

    /// The queues from which a claim would bring something.
    mutating func queuesWithWork() throws(SQLiteError) -> Set<QueueName> {
        var queues: Set<QueueName> = []
        try database.query("SELECT name FROM queue WHERE pending > 0 AND paused = 0") { row in
            if let queue = QueueName(row.text(0)) { queues.insert(queue) }
            return true
        }
        return queues
    }
}

extension ClaimSource {
    /// As it stands in the file.
    var typeAside: String? {
        switch self {
        case .pending: nil
        case .aside(let type): type.description
        }
    }
}
