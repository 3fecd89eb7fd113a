import JobQueue

/// A job as the reference model knows it, and as a broker's record is read for comparison.
struct ModelJob: Equatable, CustomStringConvertible {
    /// Its payload: tells it from all others.
    let number: Int
    var id: String?
    var uniqueKey: String?
    var attempts = 0
    var lost = 0
    var released = 0
    /// Bytes that are no envelope. In the dead letters they have an id.
    var isGarbage = false

    init(number: Int, id: String? = nil, uniqueKey: String? = nil, isGarbage: Bool = false) {
        self.number = number
        self.id = id
        self.uniqueKey = uniqueKey
        self.isGarbage = isGarbage
    }

    /// Reads a record. `nil`: it is none that the model's operations make.
    init?(_ record: [UInt8]) {
        if let envelope = try? Envelope(record, maxPayload: 1 << 20) {
            guard let number = Int(envelope.payload.text) else { return nil }
            self.init(
                number: number, id: envelope.id?.description, uniqueKey: envelope.uniqueKey)
            attempts = envelope.attempts
            lost = envelope.lost
            released = envelope.released
        } else if let dead = UndecodableRecord(decoding: record) {
            guard let number = Self.garbageNumber(dead.raw) else { return nil }
            self.init(number: number, id: dead.id.description, isGarbage: true)
        } else {
            guard let number = Self.garbageNumber(record) else { return nil }
            self.init(number: number, isGarbage: true)
        }
    }

    /// As a foreign producer writes it.
    var foreignRecord: [UInt8] {
        if isGarbage { return Array("\(Self.garbage)\(number)".utf8) }
        let id = id.map { #","id":"\#($0)""# } ?? ""
        return Array(#"{"type":"\#(type)","payload":\#(number)\#(id)}"#.utf8)
    }

    /// Every third is of another type than the rest.
    var type: String { number.isMultiple(of: 3) ? "third" : "test" }

    private static let garbage = "garbage "

    private static func garbageNumber(_ bytes: [UInt8]) -> Int? {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasPrefix(garbage) ? Int(text.dropFirst(garbage.count)) : nil
    }

    var description: String {
        var text = isGarbage ? "garbage \(number)" : "job \(number)"
        if let id { text += " id \(id)" }
        if let uniqueKey { text += " key \(uniqueKey)" }
        if attempts + lost + released > 0 {
            text += " attempts \(attempts) lost \(lost) released \(released)"
        }
        return text
    }
}
