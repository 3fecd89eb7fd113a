import JobQueue
import SQLiteBroker
import TestSupport

/// On what only the embedded broker has: its stand, with a file of its own.
func withSQLite(
    _ change: @Sendable @escaping (inout JobStoreOptions) -> Void = { _ in },
    _ body: @Sendable @concurrent (SQLiteUnderTest) async throws -> Void
) async throws {
    try await withEventLoop { loop in
        let stand = try await SQLiteUnderTest(loop: loop, change)
        do {
            try await body(stand)
        } catch {
            await stand.close()
            throw error
        }
        await stand.close()
    }
}

extension SQLiteUnderTest {
    /// The same file, opened anew after the process that had it is gone.
    func reopened(
        _ body: @Sendable @concurrent (SQLiteUnderTest) async throws -> Void
    ) async throws {
        await close()
        let again = try await SQLiteUnderTest(loop: loop, directory: directory)
        do {
            try await body(again)
        } catch {
            await again.close()
            throw error
        }
        await again.close()
    }
}
