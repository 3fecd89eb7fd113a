/// What only a worker's broker needs.
package struct WorkerSide: Sendable {
    package var queues: [QueueName]
    /// How long its jobs stay its own without a heartbeat.
    package var lease: Duration
    /// Shown to operators.
    package var host = ""
    package var pid = 0
    package var version = ""
    package var concurrency = 0

    package init(queues: [QueueName], lease: Duration) {
        self.queues = queues
        self.lease = lease
    }
}
