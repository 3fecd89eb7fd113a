import FoundationEssentials
import JobQueue

extension HandlerRegistry {
    /// Registers a handler whose payload is decoded from JSON first. A payload that does not fit is a
    /// `SkipRetry`: trying again cannot help.
    ///
    /// - Parameters:
    ///   - type: Must be a type's name (see `JobType`); anything else is a mistake in the program and
    ///     stops it.
    ///   - payload: What the payload is decoded as.
    public mutating func register<Value: Decodable & Sendable>(
        _ type: String, payload: Value.Type, options: HandlerOptions = HandlerOptions(),
        handler:
            @escaping @Sendable (_ payload: Value, _ job: Job, _ context: JobContext)
            async throws -> Void
    ) {
        register(type, options: options) { job, context in
            let value: Value
            do {
                value = try JSONDecoder().decode(Value.self, from: Data(job.payload.bytes))
            } catch {
                throw SkipRetry("the payload does not fit \(Value.self): \(error)")
            }
            try await handler(value, job, context)
        }
    }
}
