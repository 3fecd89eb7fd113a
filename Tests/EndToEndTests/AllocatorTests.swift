import Foundation
import TestSupport
import Testing

@Suite("The daemon's allocator")
struct AllocatorTests {
    @Test("is jemalloc, with the thread that its options ask for")
    func jemalloc() async throws {
        let daemon = try await CommandPlace().daemon()
        let process = "/proc/\(daemon.child.pid)"
        // Not as a file at once: this one has no size, and is told page by page.
        let maps = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(process)/maps"))
        #expect(try maps.readToEnd()?.range(of: Data("/libjemalloc.so".utf8)) != nil)
        let threads = try FileManager.default.contentsOfDirectory(atPath: "\(process)/task")
            .map { try String(contentsOfFile: "\(process)/task/\($0)/comm", encoding: .utf8) }
        #expect(threads.contains { $0.hasPrefix("jemalloc_bg") }, "\(threads)")
        #expect(try await daemon.drain() == .exited(0))
    }
}
