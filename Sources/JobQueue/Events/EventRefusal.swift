extension JobEvent {
    /// The same attempt, whose outcome came too late.
    var refused: JobEvent {
        JobEvent(
            id: id, type: type, queue: queue, attempt: attempt, maxAttempts: maxAttempts,
            kind: .refused, wait: wait, run: run)
    }
}
