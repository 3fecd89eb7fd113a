import Testing

/// Waits until `condition` holds: for states in other processes that send no signal. The single place
/// that polls. Records an issue when `limit` has passed; an error thrown by `condition` counts as
/// "not yet".
package func eventually(
    _ comment: Comment? = nil, within limit: Duration = .patience,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async {
    await poll(comment, within: limit, sourceLocation: sourceLocation, condition) { $0 }
}

/// Waits until `value` gives `expected`, as above. The issue says what it gave last.
package func eventually<Value: Equatable>(
    equals expected: Value, _ comment: Comment? = nil, within limit: Duration = .patience,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ value: () async throws -> Value
) async {
    await poll(comment, within: limit, sourceLocation: sourceLocation, value) { $0 == expected }
}

private func poll<Value>(
    _ comment: Comment?, within limit: Duration, sourceLocation: SourceLocation,
    _ value: () async throws -> Value, _ isWanted: (Value) -> Bool
) async {
    let deadline = ContinuousClock.now + limit
    var last = "nothing"
    while true {
        // On a busy machine a pause can take until after the deadline, so what counts is when a look began.
        let isLastLook = ContinuousClock.now >= deadline || Task.isCancelled
        do {
            let value = try await value()
            if isWanted(value) { return }
            last = "\(value)"
        } catch {
            last = "error: \(error)"
        }
        if isLastLook { break }
        await Alarm.pause(.milliseconds(5))
    }
    let prefix = comment.map { "\($0.rawValue): " } ?? ""
    Issue.record(
        "\(prefix)still not so after \(limit); last: \(last)", sourceLocation: sourceLocation)
}
