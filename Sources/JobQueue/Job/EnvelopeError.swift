/// Why bytes are no envelope, or a new job is not acceptable. The description is what stands with a
/// dead job as its reason.
package enum EnvelopeError: Error, Equatable, CustomStringConvertible {
    case malformed(JSONError)
    /// A new job's payload is not one JSON value.
    case payloadMalformed(JSONError)
    case notAnObject
    case noType
    case twice(EnvelopeField)
    case wrongKind(EnvelopeField, expected: String)
    /// A string that does not follow its field's rule.
    case badText(EnvelopeField, rule: String)
    /// A new job's number; in an envelope that was found it is clamped.
    case outOfRange(String, allowed: String)
    case payloadTooLarge(bytes: Int, limit: Int)
    case envelopeTooLarge(bytes: Int, limit: Int)

    package var description: String {
        switch self {
        case .malformed(let error): error.description
        case .payloadMalformed(let error): "payload: \(error)"
        case .notAnObject: "not a JSON object"
        case .noType: "no type"
        case .twice(let field): "field \(field.name) is given twice"
        case .wrongKind(let field, let expected): "field \(field.name) is not \(expected)"
        case .badText(let field, let rule): "bad \(field.name), must be \(rule)"
        case .outOfRange(let what, let allowed): "\(what) must be \(allowed)"
        case .payloadTooLarge(let bytes, let limit):
            "payload of \(bytes) bytes is over the limit of \(limit)"
        case .envelopeTooLarge(let bytes, let limit):
            "envelope of \(bytes) bytes is over the limit of \(limit)"
        }
    }
}
