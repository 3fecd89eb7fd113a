import Synchronization
import TestSupport

/// What has to be done later, each in a task of its own.
final class Later: Sendable {
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// `settle` awaits it.
    func run(after milliseconds: Int, _ action: @escaping @Sendable () async -> Void) {
        let task = Task {
            await pause(.milliseconds(milliseconds))
            await action()
        }
        tasks.withLock { $0.append(task) }
    }

    /// Awaits everything that was ordered.
    func settle() async {
        let all = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in all { await task.value }
    }
}
