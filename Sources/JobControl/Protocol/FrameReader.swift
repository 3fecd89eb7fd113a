/// Cuts a stream of bytes into varlink's frames: each ends with a NUL byte.
package struct FrameReader: Sendable {
    /// A frame was longer than it may be. The stream is of no use from there on.
    package struct TooLong: Error, Equatable, CustomStringConvertible {
        package let limit: Int
        package var description: String {
            "a frame may have at most \(limit) bytes before the NUL that ends it"
        }
    }

    private let limit: Int
    private var bytes: [UInt8] = []
    /// Where the next frame begins.
    private var start = 0
    /// Up to where there is no NUL.
    private var searched = 0

    /// - Parameter limit: the most bytes a frame may have, its NUL not counted.
    package init(limit: Int) { self.limit = limit }

    /// Whether a frame has begun that is not complete, or was not taken with `next()` yet.
    package var holdsBytes: Bool { start < bytes.count }

    /// Adds what was read.
    package mutating func append(_ more: [UInt8]) {
        // What was taken is dropped here and not in `next()`: once a read, not once a frame.
        bytes.removeSubrange(..<start)
        searched -= start
        start = 0
        bytes += more
    }

    /// Takes the next frame, without its NUL. `nil`: it is not complete yet.
    package mutating func next() throws(TooLong) -> [UInt8]? {
        let end = bytes[searched...].firstIndex(of: 0)
        searched = end ?? bytes.count
        guard searched - start <= limit else { throw TooLong(limit: limit) }
        guard let end else { return nil }
        let frame = Array(bytes[start..<end])
        start = end + 1
        searched = start
        return frame
    }
}
