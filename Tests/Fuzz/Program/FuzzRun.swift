import Dispatch
import FuzzTargets
import TestSupport

/// The target under way. libFuzzer calls it on the thread that is its own.
final class FuzzRun: Sendable {
    /// A C function, which libFuzzer calls, can carry nothing along.
    nonisolated(unsafe) static var current: FuzzRun?

    private let target: any FuzzTarget

    init(_ type: any FuzzTarget.Type) throws {
        target = try Self.wait { try await type.init() }
    }

    /// Ends the process when a promise is broken: libFuzzer then keeps the input.
    func run(_ input: [UInt8]) {
        do {
            try Self.wait { [target] in try await target.run(input) }
        } catch {
            fatalError("a promise is broken: \(error)")
        }
    }

    /// Blocks the calling thread until `body` has ended.
    private static func wait<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let end = DispatchSemaphore(value: 0)
        let result = Watched<Result<Value, any Error>?>(nil)
        // The caller waits for it below.
        Task {
            let value: Result<Value, any Error>
            do { value = .success(try await body()) } catch { value = .failure(error) }
            result.update { $0 = value }
            end.signal()
        }
        end.wait()
        guard let value = result.value else { fatalError("it ended without a result") }
        return try value.get()
    }
}
