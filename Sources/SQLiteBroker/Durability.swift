/// When an answer is given to whoever enqueues a job or finishes one.
package enum Durability: String, Sendable, CaseIterable {
    /// When it is on the disk: it survives a power cut.
    case full
    /// When the system has it: it survives the end of the process; the last seconds may be lost with
    /// the power, and the file stays whole.
    case normal
}
