import JobQueue

/// How a file of jobs is opened.
package struct JobStoreOptions: Sendable {
    package var durability = Durability.full
    /// How long to wait for another process that writes, before whoever asks is told.
    package var busyTimeout: Duration = .seconds(2)
    package var clock: any JobClock
    /// Told, on the file's thread, when another process locks the file for longer than that, and when
    /// it can be used again.
    package var changed: @Sendable (ConnectionChange) -> Void = { _ in }

    package init(clock: any JobClock) { self.clock = clock }
}
