/// A job's payload: one JSON value, byte for byte as the producer wrote it.
public struct Payload: Sendable {
    private let envelope: [UInt8]
    private let range: Range<Int>

    /// The payload that stands at `range` of `envelope`. Shares the envelope's memory.
    package init(of envelope: [UInt8], at range: Range<Int>) {
        self.envelope = envelope
        self.range = range
    }

    /// A payload of its own. `bytes` are one JSON value; they are not checked here.
    public init(_ bytes: [UInt8]) {
        self.init(of: bytes, at: bytes.indices)
    }

    /// The same, of a string that is one JSON value: `Payload(text: "7")`.
    public init(text: String) { self.init(Array(text.utf8)) }

    /// The JSON text, UTF-8.
    public var bytes: ArraySlice<UInt8> { envelope[range] }

    /// The JSON text as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
