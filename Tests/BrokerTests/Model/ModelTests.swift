import Foundation
import TestSupport
import Testing

/// Random lives, each carried out on a broker and on the reference model.
///
/// `MODEL_SEED` repeats one that failed, `MODEL_OPERATIONS` makes it longer: so many are shared by all kinds.
@Suite("Whatever is done to it in whatever order, a broker is as the model says")
struct ModelTests {
    private static let operationsOfLife = 200

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test("after each of thousands of random operations", arguments: BrokerKind.allCases)
    func lives(kind: BrokerKind) async throws {
        let total = (Self.setting("MODEL_OPERATIONS") ?? 20_000) / BrokerKind.allCases.count
        let seed = Self.setting("MODEL_SEED").map { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)
        let redis = kind == .redis ? try await DatedRedis() : nil
        for life in 0..<max(1, total / Self.operationsOfLife) {
            let lifeSeed = seed &+ UInt64(life)
            guard try await check(kind, seed: lifeSeed, redis: redis) else { return }
        }
        print("\(kind): \(total) operations as the model says, MODEL_SEED=\(seed)")
    }

    /// One life; a failure is made as short as possible and told.
    private func check(
        _ kind: BrokerKind, seed: UInt64, redis: DatedRedis?
    ) async throws -> Bool {
        var generator = SeededGenerator(seed: seed)
        let operations = (0..<Self.operationsOfLife).map { _ in Operation.random(&generator) }
        let checker = ModelChecker(kind: kind, redis: redis)
        guard let failure = try await checker.failure(of: operations) else { return true }
        let short = try await checker.shortened(operations)
        let lines = short.operations.map { "    \($0)" }.joined(separator: "\n")
        Issue.record(
            """
            \(kind) is not as the model says, MODEL_SEED=\(seed): \(failure)
            the shortest list found, which ends with "\(short.failure)":
            \(lines)
            """)
        return false
    }

    @Test(
        "a mistake is found, and told by a short list",
        arguments: [ReferenceModel.Flaw.releasesToTail, .forgetsHolders])
    func mistake(_ flaw: ReferenceModel.Flaw) async throws {
        let checker = ModelChecker(kind: .sqliteMemory, redis: nil, flaw: flaw)
        for seed in 1...50 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let operations = (0..<Self.operationsOfLife).map { _ in
                Operation.random(&generator)
            }
            if try await checker.failure(of: operations) == nil { continue }
            let short = try await checker.shortened(operations)
            #expect(short.operations.count <= 6)
            return
        }
        Issue.record("it was not found in 50 lives")
    }
}

/// Carries whole lists of operations out, each on a fresh broker.
struct ModelChecker: Sendable {
    let kind: BrokerKind
    let redis: DatedRedis?
    var flaw: ReferenceModel.Flaw?

    /// Where the list parts from the model; `nil`: nowhere.
    func failure(of operations: [Operation]) async throws -> String? {
        try await withEventLoop { loop in
            let place = try await kind.modelPlace(on: loop, redis: redis)
            var run = try await ModelRun(place: place, flaw: flaw)
            for (index, operation) in operations.enumerated() {
                do {
                    try await run.carryOut(operation)
                } catch {
                    await run.end()
                    return "operation \(index + 1), \(operation): \(error)"
                }
            }
            await run.end()
            return nil
        }
    }

    /// Leaves out whatever the failure does not need, in pieces that get smaller.
    func shortened(
        _ operations: [Operation]
    ) async throws -> (operations: [Operation], failure: String) {
        var operations = operations
        var last = try await failure(of: operations) ?? "it is gone"
        var size = operations.count / 2
        while size > 0 {
            let before = operations.count
            var start = 0
            while start < operations.count {
                var fewer = operations
                fewer.removeSubrange(start..<min(start + size, fewer.count))
                if let failure = try await failure(of: fewer) {
                    operations = fewer
                    last = failure
                } else {
                    start += size
                }
            }
            // What could not be left out before may be now.
            if size > 1 || operations.count == before { size /= 2 }
        }
        return (operations, last)
    }
}
