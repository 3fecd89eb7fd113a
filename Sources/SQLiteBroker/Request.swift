import JobQueue

/// Something that is asked of a file of jobs, from any task, to be carried out on the file's thread.
struct Request: Sendable {
    enum Kind: Sendable {
        /// Changes nothing in the file.
        case look
        /// Changes something that can be done again after a power cut: its answer need not wait for the
        /// disk.
        case change
        /// Its answer promises something: it waits for the disk, and is refused while the path does not
        /// lead to the open file.
        case promise
        /// The end of a job. It waits for the disk too, and is written to the open file wherever that
        /// is: the job is in there.
        case outcome

        var waitsForDisk: Bool { self == .promise || self == .outcome }
    }

    /// What a request has come to, as long as the transaction it is part of may still fail.
    struct Attempt {
        /// Why it could not be carried out.
        let error: (any Error)?
        /// Tells whoever asked: what it came to, or why its transaction was undone.
        let tell: (_ undone: (any Error)?) -> Void
    }

    let kind: Kind
    /// May be called again after an attempt that nobody was told of.
    let attempt: @Sendable (inout JobFile) -> Attempt
    /// Tells whoever asked that it was not even tried.
    let refuse: @Sendable (any Error) -> Void

    /// - Parameter continuation: Resumed exactly once.
    init<Value: Sendable>(
        _ kind: Kind, _ body: @escaping @Sendable (inout JobFile) throws -> Value,
        answering continuation: CheckedContinuation<Value, any Error>
    ) {
        self.kind = kind
        attempt = { file in
            let result: Result<Value, any Error>
            do {
                result = .success(try body(&file))
            } catch {
                result = .failure(error)
            }
            var error: (any Error)?
            if case .failure(let failure) = result { error = failure }
            return Attempt(error: error) { undone in
                if let undone {
                    continuation.resume(throwing: undone)
                } else {
                    continuation.resume(with: result)
                }
            }
        }
        refuse = { continuation.resume(throwing: $0) }
    }
}
