import Testing

@testable import JobControl

@Suite("Cutting a stream into frames (C1)")
struct FrameReaderTests {
    /// All frames that are there.
    private func frames(_ reader: inout FrameReader) throws -> [String] {
        var frames: [String] = []
        while let frame = try reader.next() {
            frames.append(String(decoding: frame, as: UTF8.self))
        }
        return frames
    }

    @Test(
        "frames are found however the stream is cut into reads",
        arguments: [1, 2, 3, 5, 8, 13, 100])
    func pieces(size: Int) throws {
        let stream = Array("{\"a\":1}\0\0{\"b\":\"ü\"}\0rest".utf8)
        var reader = FrameReader(limit: 100)
        var found: [String] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            reader.append(Array(stream[start..<min(start + size, stream.count)]))
            found += try frames(&reader)
        }
        #expect(found == ["{\"a\":1}", "", "{\"b\":\"ü\"}"])
        #expect(reader.holdsBytes)
        reader.append([0])
        #expect(try frames(&reader) == ["rest"])
        #expect(!reader.holdsBytes)
    }

    @Test("half a frame is no frame, and is held until the rest comes")
    func half() throws {
        var reader = FrameReader(limit: 10)
        #expect(!reader.holdsBytes)
        reader.append(Array("abc".utf8))
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
        #expect(reader.holdsBytes)
        reader.append(Array("def\0".utf8))
        #expect(try frames(&reader) == ["abcdef"])
    }

    @Test("many frames of one read come one by one, in order")
    func many() throws {
        var reader = FrameReader(limit: 10)
        reader.append((0..<1_000).flatMap { Array("\($0)\0".utf8) })
        #expect(reader.holdsBytes)
        #expect(try frames(&reader) == (0..<1_000).map(String.init))
        #expect(!reader.holdsBytes)
    }

    @Test("a frame may have as many bytes as the limit says and not one more")
    func limit() throws {
        var reader = FrameReader(limit: 4)
        reader.append(Array("1234\0".utf8))
        #expect(try frames(&reader) == ["1234"])
        reader.append(Array("12345\0".utf8))
        #expect(throws: FrameReader.TooLong(limit: 4)) { try reader.next() }
    }

    @Test("a frame that is too long is refused before its end comes, however it is cut")
    func tooLong() throws {
        var reader = FrameReader(limit: 4)
        for _ in 0..<4 {
            reader.append([UInt8(ascii: "x")])
            #expect(try reader.next() == nil)
        }
        reader.append([UInt8(ascii: "x")])
        let error = #expect(throws: FrameReader.TooLong.self) { try reader.next() }
        #expect(
            error?.description == "a frame may have at most 4 bytes before the NUL that ends it")
        // Nor is it taken for a frame when its end comes after all.
        reader.append([0])
        #expect(throws: FrameReader.TooLong.self) { try reader.next() }
    }

    @Test("frames before one that is too long are still taken")
    func goodBeforeBad() throws {
        var reader = FrameReader(limit: 4)
        reader.append(Array("ab\0cd\0too long".utf8))
        #expect(try reader.next() == Array("ab".utf8))
        #expect(try reader.next() == Array("cd".utf8))
        #expect(throws: FrameReader.TooLong.self) { try reader.next() }
    }

    @Test("what was taken is not kept: a long stream of frames needs no memory")
    func noGrowth() throws {
        var reader = FrameReader(limit: 1_000)
        let piece = Array(repeating: UInt8(ascii: "x"), count: 700) + [0]
        for _ in 0..<10_000 {
            reader.append(piece)
            #expect(try reader.next()?.count == 700)
            #expect(!reader.holdsBytes)
        }
    }
}
