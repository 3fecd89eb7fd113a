/// What came of a run under faults: what was lost, doubled, misplaced or left behind.
///
/// The names are those of the promises: NL nothing lost, DUP extra runs, ONE at most one end for each
/// job, PLACE each envelope in one container, LOCK no unique key without a live holder.
package struct Verdict: Sendable {
    /// One line for each broken promise; empty: all were kept.
    package private(set) var problems: [String] = []
    /// Jobs that ran to their end at least once.
    package let ended: Int
    /// Runs to the end beyond the first of each job.
    package let duplicates: Int
    /// Ids that were answered, and neither ran nor are dead.
    package let lost: [String]

    /// Judges when everything should have ended.
    ///
    /// - Parameters:
    ///   - ended: The ids of all runs that came to their end, as often as they did.
    ///   - garbage: How many records were put in that are no envelopes.
    ///   - mayDie: Whether a dead letter of a job that ran well is right, by its reason.
    package init(
        ledger: Ledger, ended runs: [String], snapshot: QueueSnapshot, garbage: Int = 0,
        duplicatesAllowed: Int, mayDie: (_ lastError: String) -> Bool = { _ in false }
    ) {
        let distinct = Set(runs)
        ended = distinct.count
        duplicates = runs.count - distinct.count
        let valid = snapshot.deadLetters.filter { $0.id.map(Self.isOurs) == true }
        let deadIDs = Set(valid.compactMap(\.id))
        lost = ledger.answered.subtracting(distinct).subtracting(deadIDs).sorted()

        report("NL: lost", lost)
        report("NL: ran although its enqueue was refused", distinct.intersection(ledger.refused))
        let innocent = valid.filter { !mayDie($0.lastError ?? "") }
        report(
            "NL: dead without a fault of its own",
            innocent.map { "\($0.id ?? "") \($0.lastError ?? "")" })
        if duplicates > duplicatesAllowed {
            problems.append("DUP: \(duplicates) extra runs, \(duplicatesAllowed) allowed")
        }
        // A dead job may have run to its end before; then it has ended once all the same.
        let ends = snapshot.done + snapshot.dead
        let jobs = distinct.union(deadIDs).count + garbage
        if ends != jobs { problems.append("ONE: \(jobs) jobs ended, \(ends) ends were written") }
        problems += Self.placeProblems(snapshot)
        report("PLACE: not ended", snapshot.living.map { "\($0.id ?? "?") in \($0.container)" })
        report("LOCK: held by nobody", snapshot.locks.map { "\($0.key) by \($0.value)" })
    }

    /// What must hold at any moment.
    package static func problems(during snapshot: QueueSnapshot) -> [String] {
        var problems = placeProblems(snapshot)
        var holders: [String: Int] = [:]
        for entry in snapshot.living {
            if let key = entry.uniqueKey { holders["\(entry.queue) \(key)", default: 0] += 1 }
        }
        for (key, count) in holders where count > 1 {
            problems.append("LOCK: \(count) living jobs have the unique key \(key)")
        }
        let ids = Set(snapshot.living.compactMap(\.id))
        for (key, holder) in snapshot.locks where !ids.contains(holder) {
            problems.append("LOCK: \(key) is held by \(holder), which is not there")
        }
        return problems
    }

    private static func placeProblems(_ snapshot: QueueSnapshot) -> [String] {
        Dictionary(grouping: snapshot.entries.filter { $0.id != nil }, by: { $0.id ?? "" })
            .filter { $0.value.count > 1 }
            .map {
                "PLACE: \($0.key) is in \($0.value.map(\.container).joined(separator: " and "))"
            }
    }

    /// The ids that the tests' producers give.
    private static func isOurs(_ id: String) -> Bool { id.hasPrefix("t-") }

    private mutating func report(_ promise: String, _ what: some Collection<String>) {
        guard !what.isEmpty else { return }
        let some = what.sorted().prefix(5).joined(separator: ", ")
        problems.append("\(promise): \(what.count) (\(some)\(what.count > 5 ? ", …" : ""))")
    }
}
