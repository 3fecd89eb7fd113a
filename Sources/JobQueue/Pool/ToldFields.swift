import Synchronization

/// Which misunderstood fields were told already: a producer that sends one sends it with each job.
final class ToldFields: Sendable {
    private let names = Mutex<Set<String>>([])

    /// Whether this is to be told, which it is once for each type.
    func isFirst(_ field: String, of type: JobType) -> Bool {
        names.withLock { names in
            // No producer fills the memory with types.
            names.count < 1000 && names.insert("\(type) \(field)").inserted
        }
    }
}
