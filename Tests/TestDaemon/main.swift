import Dispatch
import Foundation
import Glibc
import JobDaemon
import JobQueue

/// A daemon of a site's own, as the tests need one: its handlers leave lines in the file that
/// `EFFECT_LOG` names, each with a single write(2), so that whoever reads it sees what really ran.
var handlers = HandlerRegistry()
let effects = EffectLog()
let options = HandlerOptions(retry: RetryPolicy(base: .milliseconds(20), max: .milliseconds(200)))

handlers.register("test:job", payload: TestOrder?.self, options: options) { order, job, context in
    let order = order ?? TestOrder()
    if order.says_start == true { effects.write("S \(job.id) \(job.attempt)") }
    if let reason = order.skip { throw SkipRetry(reason) }
    if let times = order.fail_first, job.attempt <= times {
        throw TestFailure(description: "told to fail \(times) times")
    }
    if let size = order.fail_size { throw TestFailure(ofSize: size) }
    if let wait = order.ms { try await Task.sleep(for: .milliseconds(wait)) }
    if let path = order.until {
        while access(path, F_OK) != 0 { try await Task.sleep(for: .milliseconds(2)) }
    }
    if let wait = order.stubborn_ms { block(milliseconds: wait) }
    if let path = order.stubborn_until, job.attempt <= order.stubborn_attempts ?? .max {
        while access(path, F_OK) != 0 { block(milliseconds: 2) }
    }
    if let number = order.result { try context.setResult(Payload(Array("[\(number)]".utf8))) }
    effects.write("X \(job.id) \(job.attempt)")
}
if getenv("THREAD_BEFORE_RUN") != nil {
    // What any async set-up in `main` does.
    let begun = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
        begun.signal()
        while true { sleep(1000) }
    }
    begun.wait()
}
if let mode = getenv("SET_UP").map({ String(cString: $0) }) {
    let registered = handlers
    DaemonProgram.run {
        effects.write("set up")
        switch mode {
        case "fails": throw TestFailure(description: "no pool of connections")
        case "waits": try await Task.sleep(for: .seconds(600))
        default: try await Task.sleep(for: .milliseconds(50))
        }
        var handlers = registered
        handlers.onShutdown { effects.write("shut down last") }
        handlers.onShutdown {
            if mode == "stays" { block(milliseconds: 600_000) }
            effects.write("shut down first")
        }
        return handlers
    }
}
DaemonProgram.run(handlers)

/// What a job of the tests is to do, in this order.
struct TestOrder: Decodable {
    /// Leave a line when the attempt starts.
    var says_start: Bool?
    /// Be dead at once, for this reason.
    var skip: String?
    /// Fail so many attempts.
    var fail_first: Int?
    /// Fail with a text of so many bytes, made of what a terminal takes for orders.
    var fail_size: Int?
    /// Sleep so long, and stop when cancelled.
    var ms: Int?
    /// Wait until there is a file with this path, and stop when cancelled.
    var until: String?
    /// Hold the thread so long, whatever anybody says.
    var stubborn_ms: Int?
    /// Hold the thread until there is a file with this path.
    var stubborn_until: String?
    /// Only in the first so many attempts.
    var stubborn_attempts: Int?
    /// Leave a list with this number as the job's result.
    var result: Int?
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(description: String) { self.description = description }

    init(ofSize size: Int) {
        let piece = "\u{1B}[2J\u{1B}]0;owned\u{07}\n\r\u{9B}31m"
        description = String(repeating: piece, count: size / piece.utf8.count + 1)
    }
}

/// Appends lines to a file.
struct EffectLog: Sendable {
    private let descriptor: Int32

    init() {
        let path = getenv("EFFECT_LOG").map { String(cString: $0) } ?? "/dev/null"
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    }

    func write(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            preconditionFailure("the effect log cannot be written")
        }
    }
}

/// Blocks the calling thread, as a handler that knows no `await` does.
func block(milliseconds: Int) {
    usleep(UInt32(clamping: milliseconds * 1000))
}
