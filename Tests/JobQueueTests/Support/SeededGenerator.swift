import TestSupport

/// The one that all tests share.
typealias SeededGenerator = TestSupport.SeededGenerator
