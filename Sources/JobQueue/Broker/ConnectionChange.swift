/// What became of the connection to the broker.
package enum ConnectionChange: Sendable, Equatable {
    /// Connected, checked and registered. `warnings`: what an administrator should know.
    case up(warnings: [String])
    /// Not connected; another try follows.
    case down(reason: String)
    /// The broker can be reached and is not fit for use, or refuses us; another try follows.
    case unfit(reason: String)
}
