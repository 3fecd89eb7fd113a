/// How a connection tells the server of what takes a place. Called on the loop.
struct ControlPlaces: Sendable {
    /// A call begins that waits for a job's end, or one that does not. Throws when there is no place for it.
    let begins: @Sendable (_ isWait: Bool) throws(ControlError) -> Void
    /// A call goes on although its client is gone, or was told that it took too long.
    let left: @Sendable () -> Void
    /// One of these calls has ended.
    let leftHasEnded: @Sendable () -> Void
    /// The connection is closed. Called once.
    let ended: @Sendable () -> Void
}
