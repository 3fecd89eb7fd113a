import LinuxSystem

/// `jobqueuectl top`: what is there, again and again, until somebody has seen enough.
extension ControlTool {
    mutating func top(_ isJSON: Bool, _ client: inout ControlClient) throws {
        guard !isJSON else {
            throw UsageError("top is for people; stats, queues and workers print JSON")
        }
        var look = try TopReport(&client, at: surroundings.now, after: nil)
        if surroundings.isTerminal { surroundings.takeTerminal(isPlain) }
        // What is said about a failure belongs on the screen that stays.
        defer { if surroundings.isTerminal { surroundings.giveBackTerminal() } }
        while true {
            let page = look.page(in: window, palette)
            try write(Array((isPlain ? page + "\n\n" : Self.clear + page).utf8))
            switch surroundings.nextLook() {
            case .end: return
            case .again: continue
            case .at(let now): look = try TopReport(&client, at: now, after: look)
            }
        }
    }

    /// How much of the page is to be seen; `nil`: all of it, as nobody scrolls what is no terminal.
    private var window: Terminal.Size? {
        guard surroundings.isTerminal else { return nil }
        // As every terminal is that does not tell.
        return surroundings.windowSize() ?? Terminal.Size(rows: 24, columns: 80)
    }

    /// Pages follow each other where nothing can be taken back.
    private var isPlain: Bool {
        !surroundings.isTerminal || surroundings.environment["TERM"] == "dumb"
    }

    /// To the upper left corner, and everything from there on is gone.
    private static let clear = "\u{1B}[H\u{1B}[J"
}
