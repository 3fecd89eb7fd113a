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
                throw SkipRetry(
                    "the payload does not fit \(plainName(of: Value.self)): \(misfit(error))")
            }
            try await handler(value, job, context)
        }
    }
}

extension JobContext {
    /// Leaves the job's result as JSON; see `setResult(_:)`.
    public func setResult(encoding value: some Encodable) throws {
        try setResult(Payload(Array(try JSONEncoder().encode(value))))
    }
}

/// A type as its author wrote it: `Slow`, not `Optional<(Slow in _0123456789ABCDEF)>`.
private func plainName(of type: any Any.Type) -> String {
    let name = ErrorText.plain(String(describing: type))
    let optional = "Optional<"
    return name.hasPrefix(optional) ? String(name.dropFirst(optional.count).dropLast()) : name
}

/// What is wrong with a payload, and where: not what stands there, which could be a secret.
private func misfit(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
        text("is missing", at: context.codingPath + [key])
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
        text("has the wrong type", at: context.codingPath)
    // Foundation does not say where a number is that fits into no type.
    case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
        "is not JSON, or has a number out of range"
    case DecodingError.dataCorrupted(let context):
        text("has a value that it cannot have", at: context.codingPath)
    // The words of the type's own author.
    default: ErrorText.of(error)
    }
}

private func text(_ reason: String, at path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return reason }
    let names = path.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }
    return "\(names.joined(separator: ".")): \(reason)"
}
