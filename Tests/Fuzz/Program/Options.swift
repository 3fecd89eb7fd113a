/// The command line.
struct Options {
    var target = ""
    var seconds = 60
    /// `nil`: libFuzzer chooses, and tells.
    var seed: UInt32?
    /// Files to try, and nothing else.
    var inputs: [String] = []

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)[...]
        target = rest.popFirst() ?? ""
        while let flag = rest.popFirst() {
            guard flag.hasPrefix("--") else {
                inputs.append(flag)
                continue
            }
            guard let number = rest.popFirst().flatMap({ UInt32($0) }) else {
                throw UsageError("\(flag) needs a number")
            }
            switch flag {
            case "--seconds": seconds = Int(number)
            case "--seed": seed = number
            default: throw UsageError("unknown argument \(flag)")
            }
        }
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
