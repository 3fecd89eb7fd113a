import JobQueue

/// Who a worker is in Redis at the moment, and what it knows that it holds there.
struct Identity {
    let worker: WorkerID
    /// Grows with each connection.
    private(set) var epoch: UInt64 = 0
    /// The first token that can be claimed under this epoch. What was claimed before may have been
    /// taken back meanwhile, whether Redis has told of it or not.
    private(set) var firstTokenOfEpoch: UInt64 = 1
    /// Queues in which Redis has answered a registration of this worker.
    var registered: Set<QueueName> = []
    /// Tokens that were claimed, and whose finish was not answered yet.
    var held: [QueueName: HeldTokens] = [:]
    /// The token of the next claim. Never used twice under one identity.
    private(set) var nextToken: UInt64 = 1

    init(worker: WorkerID) { self.worker = worker }

    /// A new connection.
    mutating func beginEpoch() {
        epoch += 1
        firstTokenOfEpoch = nextToken
    }

    /// The tokens for one claim of up to `count` jobs, whether they will be needed or not.
    mutating func takeTokens(_ count: Int) -> UInt64 {
        defer { nextToken &+= UInt64(count) }
        return nextToken
    }
}
