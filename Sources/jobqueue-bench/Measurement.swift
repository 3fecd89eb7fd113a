/// One group of rows. Each stands in a file of its own in `Measurements/`.
struct Measurement: Sendable {
    /// What `--only` calls it.
    let name: String
    /// What stands above its rows.
    let title: String
    /// Measures, and hands over each row as soon as it is there.
    let measure: @Sendable (Bench, _ report: (Row) -> Void) async throws -> Void

    /// In the order of the table.
    static let all: [Measurement] = [
        .enqueue, .drain, .enqueueWhileDraining, .idleLatency, .latencyAtHalfLoad, .delayedJobs,
        .daemon, .memory, .depth, .payload, .appendOnlyFile, .file,
        .commands,
    ]
}
