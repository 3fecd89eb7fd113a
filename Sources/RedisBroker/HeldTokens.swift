/// Tokens that were claimed in one queue, and whose finish was not answered yet.
///
/// A claim takes numbers that follow each other, and most of them end together. So a set of bits for each
/// claim does, where a set of numbers would have each of them hashed when it comes and when it goes.
struct HeldTokens {
    /// Those of one claim, or a part of it.
    private struct Run {
        let first: UInt64
        private var words = InlineArray<8, UInt64>(repeating: 0)

        static let capacity: UInt64 = 512

        /// `count` is 1 to `capacity`.
        init(first: UInt64, count: UInt64) {
            self.first = first
            for offset in 0..<count { words[Int(offset / 64)] |= 1 << (offset % 64) }
        }

        /// Whether it has room for `number`, which is `first` or more.
        func reaches(_ number: UInt64) -> Bool { number &- first < Self.capacity }

        func contains(_ number: UInt64) -> Bool {
            let offset = number &- first
            return offset < Self.capacity && words[Int(offset / 64)] & (1 << (offset % 64)) != 0
        }

        var isEmpty: Bool { words.span.indices.allSatisfy { words[$0] == 0 } }

        mutating func remove(_ number: UInt64) {
            let offset = number &- first
            guard offset < Self.capacity else { return }
            words[Int(offset / 64)] &= ~(1 << (offset % 64))
        }
    }

    /// By their first numbers, rising; none is empty.
    private var runs: [Run] = []

    /// Adds `count` numbers from `first` on, none of which is there.
    mutating func insert(from first: UInt64, count: Int) {
        var first = first
        var left = UInt64(max(0, count))
        while left > 0 {
            let size = min(left, Run.capacity)
            runs.insert(Run(first: first, count: size), at: position(after: first))
            first &+= size
            left -= size
        }
    }

    private mutating func remove(_ number: UInt64) {
        guard let place = place(of: number) else { return }
        runs[place].remove(number)
        if runs[place].isEmpty { runs.remove(at: place) }
    }

    mutating func remove(_ numbers: [UInt64]) {
        for number in numbers { remove(number) }
    }

    func contains(_ number: UInt64) -> Bool { place(of: number) != nil }

    /// The run that has `number`. It is mostly one of the latest.
    private func place(of number: UInt64) -> Int? {
        var place = position(after: number)
        while place > 0 {
            place -= 1
            if runs[place].contains(number) { return place }
            if !runs[place].reaches(number) { return nil }
        }
        return nil
    }

    /// How many runs begin at `number` or before.
    private func position(after number: UInt64) -> Int {
        var place = runs.count
        while place > 0, runs[place - 1].first > number { place -= 1 }
        return place
    }
}
