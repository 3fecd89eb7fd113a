/// Something of the project that reads foreign bytes, and what it promises about any of them.
package protocol FuzzTarget: Sendable {
    /// Inputs to begin with, valid and odd.
    static var seeds: [[UInt8]] { get }
    /// What a change of an input may put in.
    static var tokens: [[UInt8]] { get }

    init() async throws

    /// Tries one input; throws `Finding` when a promise is broken. What came before makes no
    /// difference.
    func run(_ input: [UInt8]) async throws
}

/// A promise that an input broke.
package struct Finding: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// What there is to fuzz.
package enum FuzzTargets {
    /// By the name on the command line, which the names of kept inputs begin with.
    package static let all: [String: any FuzzTarget.Type] = [
        "envelope": EnvelopeTarget.self, "new-job": NewJobTarget.self,
        "control-server": ControlServerTarget.self, "control-tool": ControlToolTarget.self,
        "redis": RedisTarget.self,
    ]
}

extension Sequence<String> {
    /// Texts as inputs.
    var inputs: [[UInt8]] { map { Array($0.utf8) } }
}
