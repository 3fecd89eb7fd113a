import CSQLite

/// Statements, prepared once and kept. Their text is a literal, so that nothing foreign can get into
/// one: values are bound.
extension Database {
    /// Carries a statement out that gives no rows.
    ///
    /// - Parameter values: for its parameters, in order.
    /// - Returns: how many rows it has inserted, changed or deleted itself.
    @discardableResult
    package mutating func run(
        _ text: StaticString, _ values: SQLValue...
    ) throws(SQLiteError) -> Int {
        try step(text, values) { _ in false }
        return Int(sqlite3_changes64(connection))
    }

    /// Looks at the rows that a statement gives, one by one.
    ///
    /// - Parameter look: returns whether it wants the next one.
    package mutating func query(
        _ text: StaticString, _ values: SQLValue..., look: (borrowing Row) -> Bool
    ) throws(SQLiteError) {
        try step(text, values, look)
    }

    /// Looks at the first row that a statement gives.
    ///
    /// - Returns: what `read` makes of it; `nil`: there is none.
    package mutating func first<Value>(
        _ text: StaticString, _ values: SQLValue..., read: (borrowing Row) -> Value
    ) throws(SQLiteError) -> Value? {
        var value: Value?
        try step(text, values) { row in
            value = read(row)
            return false
        }
        return value
    }

    /// Carries several statements out that take no parameters, such as a schema's. Not kept.
    package mutating func execute(script: String) throws(SQLiteError) {
        let code = sqlite3_exec(connection, script, nil, nil, nil)
        guard code == SQLITE_OK else {
            throw SQLiteError(code: code, connection: connection, action: Self.action(script))
        }
    }

    private mutating func step(
        _ text: StaticString, _ values: [SQLValue], _ look: (borrowing Row) -> Bool
    ) throws(SQLiteError) {
        let statement = try prepare(text)
        // The bound values stay until they are replaced: each statement has all its parameters bound
        // each time. Its error was told by the step.
        defer { sqlite3_reset(statement) }
        precondition(
            Int(sqlite3_bind_parameter_count(statement)) == values.count,
            "\(values.count) values for: \(text)")
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = value.bind(to: statement, index)
            guard code == SQLITE_OK else { throw error(code, text) }
        }
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw error(code, text) }
            if !look(Row(of: statement)) { return }
        }
    }

    private mutating func prepare(_ text: StaticString) throws(SQLiteError) -> OpaquePointer {
        if let statement = prepared[text.utf8Start] { return statement }
        var statement: OpaquePointer?
        let code = text.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_prepare_v3(
                    connection, $0.baseAddress, Int32($0.count), UInt32(SQLITE_PREPARE_PERSISTENT),
                    &statement, nil)
            }
        }
        guard code == SQLITE_OK, let statement else { throw error(code, text) }
        prepared[text.utf8Start] = statement
        return statement
    }

    private func error(_ code: Int32, _ text: StaticString) -> SQLiteError {
        SQLiteError(
            code: code, connection: connection, action: Self.action(String(describing: text)))
    }

    /// A statement in one line, for an error's text.
    private static func action(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return "carry out \"\(line.count > 200 ? line.prefix(200) + "…" : line)\""
    }
}
