/// The connections that there are, and which of them goes when one more comes.
struct Places<Connection: Hashable> {
    private struct Place {
        /// When the connection was last of use: it came, its answer was made, or was sent. Counts up.
        var lastUse: UInt64
        /// Its answer is being made.
        var isWaiting = false
    }

    private var places: [Connection: Place] = [:]
    private var uses: UInt64 = 0

    var count: Int { places.count }

    mutating func add(_ connection: Connection) {
        places[connection] = Place(lastUse: nextUse())
    }

    mutating func remove(_ connection: Connection) {
        places[connection] = nil
    }

    /// The connection waits for its answer from now on. That is no use yet: else it would be enough to
    /// ask.
    mutating func beginWait(of connection: Connection) {
        places[connection]?.isWaiting = true
    }

    /// The connection was of use; it waits for nothing of ours.
    mutating func use(_ connection: Connection) {
        guard places[connection] != nil else { return }
        add(connection)
    }

    /// The connection that was of use the longest ago. Those that wait for their answer are spared;
    /// `nil`: all do.
    var leastUseful: Connection? {
        places.lazy.filter { !$0.value.isWaiting }.min { $0.value.lastUse < $1.value.lastUse }?.key
    }

    private mutating func nextUse() -> UInt64 {
        uses += 1
        return uses
    }
}
