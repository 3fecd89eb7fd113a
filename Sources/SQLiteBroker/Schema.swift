import SQLite

/// What the file looks like: one script for each version, carried out in order.
enum Schema {
    /// `PRAGMA application_id`: "jobq".
    static let applicationID: Int64 = 0x6A6F_6271

    static let steps = [
        PackageResources.schema_1_sql, PackageResources.schema_2_sql,
        PackageResources.schema_3_sql,
    ]

    /// Checks that the database is ours to use, and brings it up to date.
    ///
    /// - Parameters:
    ///   - steps: What makes each version out of the one before it, beginning with version 1.
    ///   - path: For errors.
    static func prepare(
        _ database: inout Database, path: String, steps: [[UInt8]] = steps
    ) throws(JobFileError) {
        do {
            if database.isReadOnly { throw JobFileError(path: path, .notWritable) }
            try check(&database, path: path, known: Int64(steps.count))
            try configure(&database, path: path)
            try migrate(&database, steps)
        } catch let error as SQLiteError {
            throw JobFileError(path: path, error)
        } catch let error as JobFileError {
            throw error
        } catch {
            throw JobFileError(path: path, .unusable(reason: "\(error)"))
        }
    }

    /// Looks only: nothing of another program is changed.
    private static func check(
        _ database: inout Database, path: String, known: Int64
    ) throws {
        let isEmpty = try database.first("SELECT count(*) FROM sqlite_schema") {
            $0.integer(0) == 0
        }
        let version = try database.userVersion()
        let application = try database.applicationID()
        let isFresh = application == 0 && version == 0 && isEmpty == true
        guard application == applicationID || isFresh else {
            throw JobFileError(path: path, .foreign)
        }
        guard version <= known else {
            throw JobFileError(path: path, .newerSchema(found: version, known: known))
        }
    }

    private static func configure(_ database: inout Database, path: String) throws {
        if database.path != nil, try !database.useWriteAheadLog() {
            throw JobFileError(path: path, .noWriteAheadLog)
        }
        // 16 MiB of log before it is copied into the file: less writing for jobs that come and go. What
        // a long reader made it grow is given back. Functions that the file brings are not trusted.
        try database.execute(
            script: """
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA journal_size_limit = 33554432;
                PRAGMA cache_size = -8192;
                PRAGMA temp_store = MEMORY;
                PRAGMA trusted_schema = OFF;
                """)
    }

    private static func migrate(_ database: inout Database, _ steps: [[UInt8]]) throws {
        guard try database.userVersion() < Int64(steps.count) else { return }
        try database.begin()
        do {
            let version = Int(try database.userVersion())
            for step in steps.dropFirst(version) {
                try database.execute(script: String(decoding: step, as: UTF8.self))
            }
            try database.execute(
                script: """
                    PRAGMA application_id = \(applicationID);
                    PRAGMA user_version = \(max(version, steps.count));
                    """)
            try database.commit()
        } catch {
            // The first error tells why; without a transaction there is nothing to undo.
            try? database.rollback()
            throw error
        }
    }
}
