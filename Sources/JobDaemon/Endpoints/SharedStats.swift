import JobQueue

/// The broker's counts, made once a second at most for all who ask: neither those who ask nor how often they do
/// makes work for the broker.
actor SharedStats {
    private struct Waiter {
        /// The counts must not be older than this.
        let since: MonotonicTime
        let continuation: CheckedContinuation<Answer?, Never>
    }

    private typealias Answer = Result<BrokerStats, any Error>

    private let make: @Sendable () async throws -> BrokerStats
    private let clock: any JobClock
    /// Where they are made; `nil`: on the pool.
    private let executor: (any TaskExecutor)?
    private var latest: (answer: Answer, begun: MonotonicTime)?
    private var isBusy = false
    private var waiters: [UInt64: Waiter] = [:]
    private var lastWaiter: UInt64 = 0

    /// Between the beginnings of two.
    static let period = Duration.seconds(1)

    init(
        clock: any JobClock, on executor: (any TaskExecutor)?,
        make: @escaping @Sendable () async throws -> BrokerStats
    ) {
        self.clock = clock
        self.executor = executor
        self.make = make
    }

    /// Counts that are at most a period old.
    func recent() async throws -> BrokerStats {
        if let latest, clock.now.since(latest.begun) < Self.period {
            return try latest.answer.get()
        }
        return try await counts(since: clock.now)
    }

    /// Counts of after the call, so that a caller sees what it has just done; they may be a period in coming.
    func fresh() async throws -> BrokerStats { try await counts(since: clock.now) }

    private func counts(since: MonotonicTime) async throws -> BrokerStats {
        lastWaiter += 1
        let number = lastWaiter
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: Answer?.none) }
                waiters[number] = Waiter(since: since, continuation: continuation)
                begin()
            }
        } onCancel: {
            // Nobody waits for this task: it resumes the one that waits above.
            Task(executorPreference: executor) { await self.giveUp(number) }
        }
        guard let answer else { throw CancellationError() }
        return try answer.get()
    }

    private func giveUp(_ number: UInt64) {
        waiters.removeValue(forKey: number)?.continuation.resume(returning: nil)
    }

    /// Makes counts while somebody waits for some. Nobody waits for the task: it answers all who wait here.
    private func begin() {
        guard !isBusy else { return }
        isBusy = true
        Task(executorPreference: executor) { await self.work() }
    }

    private func work() async {
        while !waiters.isEmpty {
            if let latest {
                let rest = Self.period - clock.now.since(latest.begun)
                // It is not cancelled.
                if rest > .zero { try? await clock.sleep(for: rest) }
            }
            let begun = clock.now
            let answer: Answer
            do {
                answer = .success(try await make())
            } catch {
                answer = .failure(error)
            }
            latest = (answer, begun)
            for (number, waiter) in waiters where waiter.since <= begun {
                waiters[number] = nil
                waiter.continuation.resume(returning: answer)
            }
        }
        isBusy = false
    }
}
