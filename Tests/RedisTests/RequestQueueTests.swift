import Testing

@testable import Redis

@Suite("The queue of awaited answers")
struct RequestQueueTests {
    @Test("the first in is the first out")
    func order() {
        var queue = RequestQueue<Int>()
        #expect(queue.first == nil)
        #expect(queue.popFirst() == nil)
        for number in 1...3 { queue.append(number) }
        #expect(queue.first == 1)
        #expect(queue.popFirst() == 1)
        queue.append(4)
        #expect((1...4).map { _ in queue.popFirst() } == [2, 3, 4, nil])
    }

    @Test("what was put in last can be taken back")
    func removeLast() {
        var queue = RequestQueue<Int>()
        #expect(queue.removeLast() == nil)
        queue.append(1)
        queue.append(2)
        #expect(queue.removeLast() == 2)
        #expect(queue.popFirst() == 1)
        #expect(queue.removeLast() == nil)
        queue.append(3)
        #expect(queue.first == 3)
        #expect(queue.removeLast() == 3)
        #expect(queue.first == nil)
    }

    @Test("it gives what an array gives, whatever is done to it")
    func model() {
        var generator = SystemRandomNumberGenerator()
        var queue = RequestQueue<Int>()
        var model: [Int] = []
        for number in 0..<20_000 {
            // Filled to some thousands in the first half, emptied in the second.
            switch (Int.random(in: 0..<10, using: &generator), number < 10_000) {
            case (0..<6, true), (0..<3, false):
                queue.append(number)
                model.append(number)
            case (9, _): #expect(queue.removeLast() == model.popLast())
            default:
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.first == model.first)
        }
    }
}
