/// What this process was started with.
package enum ProcessArguments {
    /// Its arguments without the program's name, byte for byte: `CommandLine.arguments` puts other characters
    /// in the place of what is not UTF-8.
    package static func bytes() -> [[UInt8]] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            guard let start = CommandLine.unsafeArgv[index] else { return nil }
            var bytes: [UInt8] = []
            var place = 0
            while start[place] != 0 {
                bytes.append(UInt8(bitPattern: start[place]))
                place += 1
            }
            return bytes
        }
    }
}
