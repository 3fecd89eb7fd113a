/// What a control client may take up.
package struct ControlLimits: Sendable, Equatable {
    /// Bytes of a frame, in each direction, its NUL not counted.
    package var frame = Self.standardFrame
    /// Clients at a time, those that wait for a job's end not counted.
    package var clients = 32
    /// Of these places so many are kept for root and the daemon's own user.
    package var reserved = 4
    /// Clients that wait for a job's end, at a time.
    package var waiters = 128
    /// How long a frame may take from its first byte to its last, a reply until it is read, and a
    /// client that may not act with anything at all. A client that may act and asks nothing can stay.
    package var patience: Duration = .seconds(60)
    /// How long a call may take to be carried out.
    package var call: Duration = .seconds(30)
    /// How long a call may then still take to end.
    package var callEnd: Duration = .seconds(2)
    /// How long `stop()` waits for the answers that are on their way.
    package var stop: Duration = .seconds(1)

    package static let standardFrame = 2 * 1024 * 1024

    package init() {}
}
