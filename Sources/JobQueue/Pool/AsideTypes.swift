/// The types of one queue of which jobs wait aside in the broker, as far as this worker knows: those that it
/// has put there itself, and those that the broker has told of.
struct AsideTypes {
    private struct Entry {
        /// How many jobs of the handler run at once; `nil`: as many as there are slots.
        var limit: HandlerLimit?
        /// Whether the broker may have some.
        var isThere = false
        /// How many are on their way there.
        var unwritten = 0
        /// Grows with each that has arrived.
        var arrivals: UInt64 = 0
        /// They are not asked for before this.
        var notBefore = MonotonicTime(nanoseconds: 0)
    }

    /// The types of one handler that are there, the next to be asked for first.
    private struct Group {
        let pattern: JobTypePattern?
        var types: [JobType] = []
        /// There were more than are kept in mind.
        var isCut = false
    }

    /// A type whose jobs may be asked for.
    struct Candidate {
        let type: JobType
        let limit: HandlerLimit?
        /// To be handed back with what the claim brought.
        let arrivals: UInt64
    }

    private var entries: [JobType: Entry] = [:]
    /// There are as many as there are handlers with a limit, and one more.
    private var groups: [Group] = []

    /// No more types of one handler are kept in mind; others are learned when these are done.
    static let countInMind = 100

    var isEmpty: Bool { entries.isEmpty }

    /// Whether jobs of `type` wait there, or are on their way.
    func contains(_ type: JobType) -> Bool { entries[type] != nil }

    // MARK: - What comes

    /// A job was told to go there.
    mutating func expect(_ type: JobType, _ limit: HandlerLimit?) {
        entries[type, default: Entry()].unwritten += 1
        entries[type]?.limit = limit
    }

    /// One that was expected has arrived.
    mutating func arrive(_ type: JobType) {
        guard var entry = entries[type] else { return }
        entry.unwritten -= 1
        entry.arrivals += 1
        entries[type] = entry
        keep(type)
    }

    /// The broker has some of this type.
    mutating func learn(_ type: JobType, _ limit: HandlerLimit?) {
        entries[type, default: Entry()].limit = limit
        keep(type)
    }

    /// Notes that there are some, where there is room for one more type.
    private mutating func keep(_ type: JobType) {
        guard var entry = entries[type], !entry.isThere else { return }
        let index = group(of: entry.limit?.pattern)
        if groups[index].types.count < Self.countInMind {
            groups[index].types.append(type)
            entry.isThere = true
            entries[type] = entry
        } else {
            groups[index].isCut = true
            if entry.unwritten == 0 { entries[type] = nil }
        }
    }

    private mutating func group(of pattern: JobTypePattern?) -> Int {
        if let index = groups.firstIndex(where: { $0.pattern == pattern }) { return index }
        groups.append(Group(pattern: pattern))
        return groups.count - 1
    }

    // MARK: - What is asked for

    /// The type to ask for next, of a handler that `hasPlace`.
    func next(now: MonotonicTime, where hasPlace: (HandlerLimit?) -> Bool) -> Candidate? {
        for group in groups {
            guard let first = group.types.first, hasPlace(entries[first]?.limit),
                let type = group.types.first(where: { isRested($0, now) }),
                let entry = entries[type]
            else { continue }
            return Candidate(type: type, limit: entry.limit, arrivals: entry.arrivals)
        }
        return nil
    }

    private func isRested(_ type: JobType, _ now: MonotonicTime) -> Bool {
        entries[type].map { $0.notBefore <= now } ?? false
    }

    /// It is being asked for: the others have their turn before it is again.
    mutating func takeTurn(_ type: JobType) {
        guard let entry = entries[type] else { return }
        var group = groups.remove(at: group(of: entry.limit?.pattern))
        if let place = group.types.firstIndex(of: type) {
            group.types.append(group.types.remove(at: place))
        }
        groups.append(group)
    }

    /// The broker has no more of this type, unless others have arrived since it was asked.
    ///
    /// - Returns: Whether the broker should be asked for more types.
    mutating func noteEmpty(_ type: JobType, since arrivals: UInt64) -> Bool {
        guard var entry = entries[type], entry.isThere, entry.arrivals == arrivals else {
            return false
        }
        entry.isThere = false
        entries[type] = entry.unwritten == 0 ? nil : entry
        let index = group(of: entry.limit?.pattern)
        groups[index].types.removeAll { $0 == type }
        guard groups[index].types.isEmpty else { return false }
        return groups.remove(at: index).isCut
    }

    /// Nothing of this type is asked for before `time`.
    mutating func rest(_ type: JobType, until time: MonotonicTime) {
        entries[type]?.notBefore = time
    }

    /// When the next of those that rest may be asked for.
    func nextRestEnd(after now: MonotonicTime) -> MonotonicTime {
        entries.values.map(\.notBefore).filter { $0 > now }.min() ?? .never
    }

    /// Handlers have these limits from now on.
    mutating func setLimits(_ limit: (JobType) -> HandlerLimit?) {
        let types = groups.flatMap(\.types)
        groups = []
        for type in entries.keys {
            entries[type]?.limit = limit(type)
            entries[type]?.isThere = false
        }
        for type in types { keep(type) }
    }
}
