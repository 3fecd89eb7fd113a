/// `Requeue`: puts dead jobs back into pending.
package enum Requeue: ControlMethod {
    package typealias Parameters = SelectionParameters
    package typealias Reply = ControlChange
    package static let name = "Requeue"
}

/// `Delete`: drops jobs.
package enum Delete: ControlMethod {
    package typealias Parameters = SelectionParameters
    package typealias Reply = ControlChange
    package static let name = "Delete"
}

/// Which jobs are meant.
package enum ControlSelection: Sendable, Equatable {
    /// At least one.
    case ids([String])
    /// All dead jobs, of one type when it is given.
    case all(type: String?)

    /// The same in selections of at most `limit` ids.
    func parts(of limit: Int) -> [ControlSelection] {
        guard case .ids(let ids) = self else { return [self] }
        return stride(from: 0, to: ids.count, by: limit).map { start in
            .ids(Array(ids[start..<min(start + limit, ids.count)]))
        }
    }
}

/// A selection as it goes over the wire: ids or all, the type with all alone.
package struct SelectionParameters: ControlParameters, Equatable {
    package static let names = ["ids", "all", "type"]
    package var ids: [String]?
    package var all: Bool?
    package var type: String?

    package init(_ selection: ControlSelection) {
        switch selection {
        case .ids(let ids): self.ids = ids
        case .all(let type):
            all = true
            self.type = type
        }
    }

    /// What is meant; thrown when that is nothing, or not clear.
    func selection() throws(ControlError) -> ControlSelection {
        switch (ids ?? [], all ?? false) {
        case ([], true): return .all(type: type)
        case ([], false), (_, true): throw .invalidParameter("ids")
        case (let ids, false):
            guard type == nil else { throw .invalidParameter("type") }
            guard ids.count <= ControlChange.listLimit,
                ids.allSatisfy({ (1...Self.longestID).contains($0.utf8.count) })
            else { throw .invalidParameter("ids") }
            return .ids(ids)
        }
    }

    /// In bytes; so that an answer that repeats all ids fits into a frame.
    private static let longestID = 64
}

/// What a change of many jobs did.
package struct ControlChange: Codable, Sendable, Equatable {
    /// How many were changed.
    package var count: Int
    /// The ids of the first `listLimit` of them.
    package var changed: [String]
    /// Found, and left as they were; of many, the first `listLimit`.
    package var unchanged: [Unchanged]
    /// Asked for, and not found.
    package var missing: [String]

    /// A job that stayed as it was.
    package struct Unchanged: Codable, Sendable, Equatable {
        package var id: String
        package var reason: String

        package init(id: String, reason: String) {
            self.id = id
            self.reason = reason
        }
    }

    /// As many ids as one call takes and each list of its answer has: they fit into a frame, with
    /// reasons of `reasonLimit` bytes.
    package static let listLimit = 4000
    private static let reasonLimit = 200

    /// - Parameters:
    ///   - count: how many were changed; `nil`: as many as are named.
    ///   - selection: what was asked for: an id of it that is in neither list is missing.
    package init(
        count: Int? = nil, changed: [String], unchanged: [Unchanged], of selection: ControlSelection
    ) {
        self.count = count ?? changed.count
        self.changed = Array(changed.prefix(Self.listLimit))
        self.unchanged = unchanged.prefix(Self.listLimit).map {
            Unchanged(id: $0.id, reason: $0.reason.clipped(toBytes: Self.reasonLimit))
        }
        missing = []
        if case .ids(let asked) = selection {
            let found = Set(changed).union(unchanged.map(\.id))
            missing = asked.filter { !found.contains($0) }
        }
    }

    /// Adds what a further call did.
    mutating func add(_ other: ControlChange) {
        count += other.count
        changed += other.changed
        unchanged += other.unchanged
        missing += other.missing
    }
}
