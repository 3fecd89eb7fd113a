/// What a control client may take up.
package struct ControlLimits: Sendable, Equatable {
    /// Bytes of a frame, in each direction, its NUL not counted.
    package var frame = Self.standardFrame
    /// Clients at a time.
    package var clients = 32
    /// How long a frame may take from its first byte to its last, a reply until it is read, and a
    /// client that may not act with anything at all. A client that may act and asks nothing can stay.
    package var patience: Duration = .seconds(60)
    /// How long a call may take to be carried out.
    package var call: Duration = .seconds(30)
    /// How long `stop()` waits for the answers that are on their way.
    package var stop: Duration = .seconds(1)

    package static let standardFrame = 2 * 1024 * 1024

    package init() {}
}
