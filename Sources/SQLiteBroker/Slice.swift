/// How much is done in one go, so that nothing holds the others up for long.
enum Slice {
    static let count = 500
    static let bytes = 4 << 20
    /// Rows that are only looked at.
    static let looked = 2000
}
