import SQLite
import TestSupport

extension QueueSnapshot {
    /// What is in a file of jobs: one statement, so that it is of one moment.
    init(ofFile path: String) throws {
        self.init()
        var database = try Database(.file(path), busyTimeout: .seconds(5))
        var entries: [Entry] = []
        var locks: [String: String] = [:]
        var ends = (done: 0, dead: 0)
        try database.query(
            """
            SELECT 'job', queue, state, envelope FROM jobs
            UNION ALL
            SELECT 'lock', queue.name, key, holder FROM unique_key
                JOIN queue ON queue.id = unique_key.queue
            UNION ALL SELECT 'done', name, total_done, NULL FROM queue
            UNION ALL SELECT 'dead', name, total_dead, NULL FROM queue
            """
        ) { row in
            let queue = row.text(1)
            switch row.text(0) {
            case "job":
                entries.append(
                    Entry(container: row.text(2), queue: queue, record: Array(row.text(3).utf8)))
            case "lock": locks["\(queue) \(row.text(2))"] = row.text(3)
            case "done": ends.done += Int(row.integer(2))
            default: ends.dead += Int(row.integer(2))
            }
            return true
        }
        self.entries = entries
        self.locks = locks
        done = ends.done
        dead = ends.dead
    }
}
