/// What a wait for a job's end has come to.
package enum WaitOutcome: Sendable, Equatable {
    case ended(ControlJob)
    /// Not within the time, and whether its queue remembers the id.
    case open(isRemembered: Bool)
}

/// What the control server asks the daemon to do; one function for each method of
/// `io.jobqueue.Control`, where each is described.
///
/// A function throws `ControlError`; anything else that it throws is told to the caller as a refusal.
/// It ends soon when its task is cancelled: that is how a call is ended that takes too long.
package protocol ControlService: Sendable {
    func stats() async throws -> ControlStats
    func queues() async throws -> [ControlQueue]
    func workers() async throws -> GetWorkers.Reply

    /// Numbers are within their ranges; names, payload and lengths are still to be checked
    /// (`ControlError.invalidJob`).
    ///
    /// - Returns: one element for each job, in order.
    func enqueue(_ order: EnqueueOrder) async throws -> [EnqueuedJob]

    /// - Parameter queues: none means every known queue.
    /// - Returns: the queues that are paused now.
    func pause(_ queues: [String]) async throws -> [String]
    /// - Parameter queues: none means every known queue.
    /// - Returns: the queues that go on now.
    func resume(_ queues: [String]) async throws -> [String]

    /// - Parameter queue: `nil` means all.
    /// - Returns: the newest dead jobs, at most `limit`.
    func deadJobs(in queue: String?, limit: Int) async throws -> [ControlJob]
    /// - Returns: every record with this id, of whatever state.
    func jobs(withID id: String) async throws -> [ControlJob]
    /// Waits until a job has ended whose end is kept.
    ///
    /// - Parameter queue: `nil` means the default one.
    func job(withID id: String, in queue: String?, endedWithin limit: Duration) async throws
        -> WaitOutcome
    func requeue(_ selection: ControlSelection) async throws -> ControlChange
    func delete(_ selection: ControlSelection) async throws -> ControlChange

    /// - Parameter position: `next` of the page before.
    /// - Returns: records of about `Export.pageBytes`, or one that has more.
    func exportJobs(after position: String?) async throws -> Export.Reply
    func importJobs(_ jobs: [MovedJob]) async throws -> Import.Reply

    /// Has the daemon read its configuration anew.
    func reloadConfiguration() async throws -> Reload.Reply

    /// Has the daemon read its configuration, and change nothing.
    func checkConfiguration() async throws -> Check.Reply

    /// Begins the drain and returns at once. The daemon calls `ControlServer.stop()` before it ends,
    /// which sees the answer out.
    func drain() async throws -> DrainReply
}
