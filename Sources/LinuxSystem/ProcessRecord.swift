/// What of `/proc/PID/stat` is used; see proc(5).
package struct ProcessRecord: Sendable, Equatable {
    /// It has ended, and its parent has not yet asked how.
    package let isZombie: Bool
    package let parent: Int32
    package let group: Int32
    package let session: Int32
    package let userTicks: Int64
    package let systemTicks: Int64
    /// After the boot.
    package let startTicks: Int64
    package let virtualBytes: Int64
    package let residentPages: Int64

    /// - Returns: `nil` when `text` is no such record.
    package init?(_ text: String) {
        // The name stands in brackets and may hold anything, brackets and spaces included.
        guard let nameEnd = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[text.utf8.index(after: nameEnd)...].utf8.split { byte in
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n")
        }.map { Substring($0) }
        // The first one here is number 3 in the manual.
        func number(_ position: Int) -> Int64? {
            fields.count > position - 3 ? Int64(fields[position - 3]) : nil
        }
        guard let state = fields.first, let parent = number(4), let group = number(5),
            let session = number(6),
            let user = number(14), let system = number(15), let start = number(22),
            let size = number(23), let pages = number(24)
        else { return nil }
        isZombie = state == "Z"
        self.parent = Int32(clamping: parent)
        self.group = Int32(clamping: group)
        self.session = Int32(clamping: session)
        userTicks = user
        systemTicks = system
        startTicks = start
        virtualBytes = size
        residentPages = pages
    }
}
