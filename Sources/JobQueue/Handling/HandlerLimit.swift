/// How many jobs of one handler run at once at most. Its pattern is its name: the count goes on when the
/// handler is replaced by another for the same types.
package struct HandlerLimit: Sendable, Equatable {
    package let pattern: JobTypePattern
    package let most: Int

    /// - Parameter most: 1 or more; anything else is a mistake in the program and stops it.
    package init(pattern: JobTypePattern, most: Int) {
        precondition(most >= 1, "the handler for \(pattern) may run no job at all")
        self.pattern = pattern
        self.most = most
    }
}
