/// How a worker learns what waits aside: a handler of which other daemons run as many as they may can have a
/// place here, and a type that has lost its limit, or its handler, waits for nobody.
extension Worker {
    func asideLoop() async {
        var lastLook: MonotonicTime?
        while !Task.isCancelled {
            if lastLook.map({ clock.now.since($0) >= Self.asideLookInterval }) ?? true {
                lastLook = clock.now
                await learnTypesAside()
            }
            let awaitsResume = workbench.awaitsResume
            let rang = await within(
                awaitsResume ? Self.resumeInterval : Self.asideLookInterval, clock
            ) {
                await self.workbench.asideBell.wait()
                return true
            }
            if rang == true { lastLook = nil }
            if awaitsResume { workbench.retryPaused() }
        }
    }

    private func learnTypesAside() async {
        do {
            let found = try await broker.typesAside()
            let registry = reader.withLock { $0.registry }
            for (queue, types) in found {
                workbench.learn(types.map { ($0, registry.entry(for: $0)?.limit) }, in: queue)
                if types.isEmpty { refusals.clear(Self.claimingAside(queue)) }
            }
            refusals.clear(Self.lookingAside)
        } catch BrokerError.unreachable {
            // Whoever watches the connection tells of its loss.
        } catch {
            guard !(error is CancellationError) else { return }
            noteRefusal(error, Self.lookingAside)
        }
    }

    // MARK: - Troubles

    func noteTrouble(_ error: any Error, _ order: Workbench.ClaimOrder, _ queue: QueueName) {
        switch order.source {
        case .pending: note(error, .claim, queue)
        case .aside: noteRefusal(error, Self.claimingAside(queue))
        }
    }

    func clearTrouble(_ order: Workbench.ClaimOrder, _ queue: QueueName) {
        switch order.source {
        case .pending: troubles.withLock { $0.clear(.claim, queue) }
        case .aside: refusals.clear(Self.claimingAside(queue))
        }
    }

    private func noteRefusal(_ error: any Error, _ purpose: String) {
        let reason = String(describing: error)
        guard refusals.note(reason, purpose) else { return }
        log.write(
            LogRecord(
                level: .error,
                message: "cannot \(purpose): \(reason); trying again every second"))
    }

    private static func claimingAside(_ queue: QueueName) -> String {
        "claim what waits aside in queue \(queue)"
    }

    /// How often the broker is asked.
    package static let asideLookInterval = Duration.milliseconds(990)
    /// How often a paused queue is asked of which nothing but jobs that wait aside is wanted.
    static let resumeInterval = Duration.milliseconds(90)
    private static let lookingAside = "look for jobs that wait aside"
}
