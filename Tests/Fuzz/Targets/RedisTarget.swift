import EventLoop
import JobDaemon
import JobQueue
import LinuxSystem
import Redis
import RedisBroker
import TestSupport

/// The broker, and whatever Redis may answer it. Each request comes to an end, with an answer or an
/// error, and so does the broker.
///
/// An input's first letter chooses the request; a capital one has the greeting of each connection
/// answered from the input as well. The rest are answers, a byte 255 between each and the next, as they
/// are or as `ShapedAnswer` makes them; when they are used up, the connection is closed, and what is
/// asked then is refused.
final class RedisTarget: FuzzTarget {
    private let directory: TemporaryDirectory
    private let loop: EventLoop
    private let server: AnsweringServer
    private let answers = OddAnswers()

    init() throws {
        // A connection that is closed must not end the process, as it does not end the daemon.
        ProcessSignals.ignoreBrokenPipes()
        directory = try TemporaryDirectory()
        loop = try EventLoop()
        try loop.start()
        server = try AnsweringServer(path: directory.file("s")) { [answers] in
            OddRedis(answers: answers)
        }
    }

    deinit { loop.stop() }

    func run(_ input: [UInt8]) async throws {
        let choice = Int(input.first ?? 0)
        answers.set(input.dropFirst(), fromGreeting: choice & 0x20 == 0)
        let request = RedisRequests.all[(choice + 31) % 32 % RedisRequests.all.count]
        let hasChanged = Watched(false)
        var options = options
        options.changed = { _ in hasChanged.update { $0 = true } }
        try await withTaskExecutorPreference(loop) { [loop, options] in
            let broker = RedisBroker(loop: loop, options: options)
            let life = Task(executorPreference: loop) { await broker.run() }
            do {
                // Some requests fail at once where there is no connection yet.
                _ = await hasChanged.wait(within: .seconds(20)) { $0 }
                try await request(broker)
            } catch let finding as Finding {
                throw finding
            } catch {
                // An error is an answer.
            }
            life.cancel()
            await life.value
        }
    }

    private var options: RedisBrokerOptions {
        var options = RedisBrokerOptions(
            address: RedisAddress(place: .unix(path: directory.file("s"))),
            clock: LoopClock(loop: loop), resolve: { [$0] })
        options.worker = WorkerSide(queues: [.default], lease: .seconds(15))
        // An answer that is cut short costs no more than this, nor does a wait before another try.
        options.commandTimeout = .milliseconds(250)
        options.random = RandomSource { 0 }
        options.maxPayload = 1024
        return options
    }
}

extension RedisTarget {
    static let seeds = [
        "a*2\r\n:1\r\n$12\r\n{\"type\":\"a\"}\r\n", "a*1\r\n:2\r\n", "b*0\r\n", "b*1\r\n:1\r\n",
        "c:1\r\n|:1\r\n", "d*2\r\n$1\r\n0\r\n*1\r\n$4\r\nmail\r\n|" + stats + "|" + stats,
        "e*2\r\n$1\r\n0\r\n*0\r\n|*2\r\n$1\r\n5\r\n$1\r\n6\r\n|*2\r\n$1\r\nw\r\n$2\r\n99\r\n|:3\r\n|"
            + "*4\r\n$4\r\nhost\r\n$1\r\nh\r\n$3\r\npid\r\n$1\r\n7\r\n",
        "f" + scan,
        "g*2\r\n$1\r\n0\r\n*0\r\n|*1\r\n$1\r\nw\r\n|*2\r\n$1\r\n0\r\n*2\r\n$1\r\n3\r\n$2\r\n{}\r\n|"
            + scan + "|*1\r\n:0\r\n|" + scan,
        "h*2\r\n$1\r\n0\r\n*0\r\n|:1\r\n|" + scan + "|:1\r\n|*1\r\n:0\r\n",
        "i*2\r\n$1\r\n0\r\n*0\r\n|*0\r\n|" + scan + "|*1\r\n:0\r\n|*1\r\n:0\r\n|:1\r\n",
        "j*2\r\n:3\r\n:1000\r\n", "k*2\r\n:-5\r\n$1\r\nw\r\n",
        "l:1\r\n|*3\r\n$5\r\nepoch\r\n$1\r\n2\r\n$1\r\n1\r\n|*2\r\n$12\r\n{\"type\":\"a\"}\r\n$-1\r\n|"
            + ":2\r\n|*0\r\n|:1\r\n",
        "m:1\r\n|:1\r\n", "n:1\r\n|*2\r\n:1\r\n$2\r\nj1\r\n", "o$1\r\nx\r\n",
        "o*-1\r\n|$1\r\nx\r\n",
        "p:1\r\n|:1\r\n", "q:1\r\n|*1\r\n:1\r\n", "r+PONG\r\n",
        "A+PONG\r\n|$20\r\nredis_version:7.0.0\r\n\r\n", "a-LEASELOST no\r\n", "b-OOM no\r\n",
        "a-NOSCRIPT no\r\n|*1\r\n:0\r\n", "r-LOADING\r\n|+PONG\r\n", "r:1\r\n:2\r\n", "r$5\r\nab",
        "r",
        "a~[\u{3}:\u{1}a\u{a}a\u{b}", "b~[\u{1}:\u{1}", "b~[\u{2}:\u{2}:\u{4}", "c~:\u{1}",
        "d\(noQueue)|~[\u{7}:\u{1}:\u{4}:\u{5}:\u{3}:\u{0}[\u{4}!\u{0}:\u{1}#\u{4}:\u{5}a\u{a}",
        "e\(noQueue)|~[\u{2}#\u{4}#\u{5}|~[\u{2}a\u{0}#\u{6}|~:\u{4}|~[\u{4}a\u{10}#\u{4}a\u{f}a\u{0}",
        "f~[\u{3}:\u{1}a\u{b}#\u{5}|~[\u{1}:\u{0}",
        "g\(noQueue)|~[\u{1}a\u{0}|~[\u{2}#\u{0}[\u{2}#\u{1}a\u{a}",
        "g\(noQueue)|~[\u{0}|~[\u{3}:\u{1}a\u{b}#\u{4}|~[\u{1}:\u{0}|~[\u{3}:\u{1}a\u{c}#\u{4}",
        "h\(noQueue)|~:\u{3}|~[\u{5}:\u{3}a\u{b}#\u{4}a\u{e}#\u{5}|~:\u{1}|~a\u{0}|~[\u{1}:\u{0}",
        "i\(noQueue)|~[\u{0}|~[\u{3}:\u{1}a\u{c}#\u{4}|~[\u{1}:\u{0}|~[\u{1}:\u{0}|~:\u{1}",
        "j~[\u{2}:\u{4}:\u{6}", "k~[\u{2}:\u{3}a\u{14}",
        "l~:\u{1}|~[\u{3}a\u{2}#\u{1}#\u{4}|~[\u{2}a\u{a}a\u{d}|~:\u{3}|~[\u{0}|~:\u{1}",
        "m~:\u{1}|~:\u{3}", "n~:\u{1}|~[\u{2}:\u{1}a\u{0}", "o~a\u{a}", "p~:\u{1}|~:\u{1}",
        "q~:\u{1}|~[\u{0}",
        "r~-\u{9}|~+\u{0}",
        "d-ERR Error running script (call to f_0): @user_script:1: @user_script: 1: -OOM no\r\n",
    ].map { $0.utf8.map { $0 == UInt8(ascii: "|") ? 0xFF : $0 } }

    /// The first answer where all queues are asked: there are no others.
    private static let noQueue = "~[\u{2}#\u{0}[\u{0}"
    private static let stats =
        "*7\r\n:1\r\n:2\r\n:3\r\n:4\r\n:0\r\n*4\r\n$-1\r\n$1\r\n5\r\n:6\r\n:7\r\n"
        + "$12\r\n{\"type\":\"a\"}\r\n"
    private static let scan =
        "*3\r\n:1\r\n$21\r\n{\"type\":\"a\",\"id\":\"j\"}\r\n$1\r\n5\r\n"

    static let tokens =
        [[0xFF], [0xFF, ShapedAnswer.mark], [0]] + (0..<26).flatMap { [[0x41 + $0], [0x61 + $0]] }
        + [
            "\r\n", ":1\r\n", ":0\r\n", ":-1\r\n", ":9223372036854775807\r\n",
            ":-9223372036854775808\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "*1\r\n", "*2\r\n",
            "*7\r\n",
            "$0\r\n\r\n", "+OK\r\n", "-ERR \r\n", "-LEASELOST \r\n", "-OOM \r\n", "-NOSCRIPT \r\n",
            "-READONLY \r\n", "-WRONGTYPE \r\n", "-BUSY \r\n", "-MOVED 1 a:1\r\n", "-NOAUTH \r\n",
            "$3\r\nnan\r\n", "$3\r\ninf\r\n", "$4\r\n1e99\r\n", "$5\r\nepoch\r\n",
            "$19\r\n9223372036854775807\r\n", "$20\r\n18446744073709551615\r\n",
        ].inputs
}
