/// What became of the connection to the broker.
package enum ConnectionChange: Sendable, Equatable {
    /// Connected, checked and registered. `warnings`: what an administrator should know.
    case up(warnings: [String])
    /// Not connected; another try follows.
    case down(reason: String)
    /// The broker can be reached and is not fit for use, or refuses us; another try follows.
    ///
    /// `passes`: it may become fit by itself, so that a start waits for it.
    case unfit(reason: String, passes: Bool = false)
}
