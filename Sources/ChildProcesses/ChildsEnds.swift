import LinuxSystem
import Synchronization

/// The ends of its streams that a child gets.
///
/// The thread that starts it closes them, before it starts another: that one would hold a copy until its own
/// program is loaded, which can take long where many wait for a processor, and to whoever reads them the
/// first child's outputs would seem to have another writer.
final class ChildsEnds: Sendable {
    private struct Ends: ~Copyable {
        let input: FileDescriptor?
        let output: FileDescriptor?
        let errors: FileDescriptor?
    }

    private let ends: Mutex<Ends?>
    /// To lend to the child, until they are closed.
    let numbers: (input: Int32, output: Int32, errors: Int32)

    init(
        input: consuming FileDescriptor?, output: consuming FileDescriptor?,
        errors: consuming FileDescriptor?
    ) {
        numbers = (input?.number ?? -1, output?.number ?? -1, errors?.number ?? -1)
        ends = Mutex(Ends(input: input, output: output, errors: errors))
    }

    func close() { ends.withLock { $0 = nil } }
}
