import Dispatch
import Glibc

/// Runs `body` while blocking closures hold every thread of Swift's shared pool, as a handler of jobs
/// may. Whoever calls it must run elsewhere: on an `EventLoop`. Call it in an exit test alone, because
/// other tests of the process need the pool.
package func withSharedPoolBlocked<Result>(
    _ body: () async throws -> Result
) async throws -> Result {
    let threads = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    // More than there are threads, so that a thread which the pool adds is blocked as well.
    let blockers = threads * 8
    let release = DispatchSemaphore(value: 0)
    defer { for _ in 0..<blockers { release.signal() } }
    let blocked = Watched(0)
    for _ in 0..<blockers {
        // Nobody waits for these: they end with `release`.
        Task.detached {
            blocked.update { $0 += 1 }
            block(on: release)
        }
    }
    guard await blocked.wait(within: .patience, until: { $0 >= threads }) != nil else {
        throw TestSupportError("the shared pool has fewer than \(threads) threads")
    }
    return try await body()
}

/// A function of its own, because a semaphore may not be waited on in an async one.
private func block(on semaphore: DispatchSemaphore) { semaphore.wait() }
