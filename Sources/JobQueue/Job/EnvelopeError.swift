/// Why bytes are no envelope, or a job makes none. The text is shown with the dead job.
package enum EnvelopeError: Error, Equatable, CustomStringConvertible {
    case malformed(String)
    case notAnObject
    case missingType
    case badField(name: String, rule: String)
    case givenTwice(name: String)
    case payloadTooLarge(size: Int, limit: Int)
    case tooLarge(size: Int, limit: Int)

    package var description: String {
        switch self {
        case .malformed(let reason): reason
        case .notAnObject: "the record is not a JSON object"
        case .missingType: "the field type is missing"
        case .badField(let name, let rule): "the field \(name) must be \(rule)"
        case .givenTwice(let name): "the field \(name) is given twice"
        case .payloadTooLarge(let size, let limit):
            "the payload of \(size) bytes is over the limit of \(limit)"
        case .tooLarge(let size, let limit):
            "the record of \(size) bytes is over the limit of \(limit)"
        }
    }
}
