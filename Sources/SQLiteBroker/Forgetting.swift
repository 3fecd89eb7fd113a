import SQLite

/// What the file remembers for a while only: ids of producers, and what came of jobs.
extension JobFile {
    /// Whether there is something whose time is over.
    mutating func hasOutlived() throws(SQLiteError) -> Bool {
        let now = SQLValue(clock.unixMilliseconds)
        let found = try database.first(
            """
            SELECT EXISTS (SELECT 1 FROM remembered WHERE until <= ?)
                OR EXISTS (SELECT 1 FROM receipt WHERE until <= ?)
            """, now, now
        ) { $0.integer(0) == 1 }
        return found ?? false
    }

    /// Forgets what is outlived, not too much at once.
    mutating func forgetOutlived() throws(SQLiteError) {
        let now = SQLValue(clock.unixMilliseconds)
        try database.run(
            """
            DELETE FROM remembered WHERE (queue, id) IN
                (SELECT queue, id FROM remembered WHERE until <= ? ORDER BY until LIMIT ?)
            """, now, SQLValue(Slice.count))
        try database.run(
            """
            DELETE FROM receipt WHERE (queue, id) IN
                (SELECT queue, id FROM receipt WHERE until <= ? ORDER BY until LIMIT ?)
            """, now, SQLValue(Slice.count))
    }
}
