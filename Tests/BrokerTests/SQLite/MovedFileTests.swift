import EventLoop
import Glibc
import JobDaemon
import JobQueue
import Synchronization
import TestSupport
import Testing

@testable import SQLiteBroker

@Suite("A file of jobs whose path leads elsewhere")
struct MovedFileTests {
    /// A file that is open, with a job in it.
    private struct Place: Sendable {
        let directory: TemporaryDirectory
        let store: JobStore
        let broker: SQLiteBroker
        let told: Told
        var path: String { directory.file("jobs") }
    }

    /// What the store says of its file.
    private final class Told: Sendable {
        private let changes = Mutex<[ConnectionChange]>([])

        func note(_ change: ConnectionChange) { changes.withLock { $0.append(change) } }

        /// The last trouble; `nil`: there is none.
        var trouble: String? {
            guard case .unfit(let reason, _)? = changes.withLock({ $0.last }) else { return nil }
            return reason
        }
    }

    private func withPlace(
        _ body: @escaping @Sendable (Place) async throws -> Void
    ) async throws {
        try await withEventLoop { loop in
            let directory = try TemporaryDirectory()
            let told = Told()
            var options = JobStoreOptions(clock: LoopClock(loop: loop))
            options.changed = { told.note($0) }
            let store = try await JobStore.open(
                .file(path: directory.file("jobs")), options: options)
            var broker = SQLiteBrokerOptions()
            broker.worker = WorkerSide(queues: [.default], lease: .seconds(1000))
            let place = Place(
                directory: directory, store: store,
                broker: SQLiteBroker(store: store, options: broker), told: told)
            try await place.broker.start()
            _ = try await place.broker.enqueue([job(1)])
            try await body(place)
            await store.close()
        }
    }

    /// Why nothing new is taken.
    private func refusal(_ place: Place) async throws -> String {
        do {
            _ = try await place.broker.enqueue([job(2)])
        } catch BrokerError.refused(let reason) {
            return reason
        }
        Issue.record("the job was taken")
        return ""
    }

    @Test("takes nothing new while it is away, its jobs go on, and all goes on when it is back")
    func away() async throws {
        try await withPlace { place in
            let names = ["", "-wal", "-shm"]
            for name in names { rename(place.path + name, "\(place.path).away\(name)") }
            #expect(try await refusal(place).contains("\(place.path) was removed"))
            #expect(place.told.trouble?.contains("jobqueuectl export") == true)
            await #expect(throws: BrokerError.self) { try await place.broker.pause([.default]) }
            let claims = try await place.broker.claim(1, from: .default).claims
            #expect(try await place.broker.finish(claims.map { $0.finish(.ack) }) == [.written])
            for name in names { rename("\(place.path).away\(name)", place.path + name) }
            _ = try await place.broker.enqueue([job(3)])
            #expect(place.told.trouble == nil)
            #expect(try await place.broker.stats(of: .default).pending == 1)
        }
    }

    @Test("is told within moments, also when nobody asks for anything")
    func toldAlone() async throws {
        try await withPlace { place in
            unlink(place.path)
            await eventually("it is told") { place.told.trouble?.contains("was removed") == true }
        }
    }

    @Test("another file in its place is left as it is, without the log of the former one")
    func replaced() async throws {
        try await withEventLoop { loop in
            let directory = try TemporaryDirectory()
            try await withPlace { place in
                rename(place.path, "\(place.path).old")
                let other = try await open(directory.file("other"), loop)
                _ = try await other.1.enqueue([job(7), job(8)])
                await other.0.close()
                rename(directory.file("other"), place.path)
                #expect(try await refusal(place).contains("was replaced"))
                await place.store.close()
                #expect(access("\(place.path)-wal", F_OK) != 0)
                #expect(access("\(place.path)-wal.replaced", F_OK) == 0)
                let again = try await open(place.path, loop)
                #expect(try await again.1.stats(of: .default).pending == 2)
                await again.0.close()
            }
        }
    }

    private func open(
        _ path: String, _ loop: EventLoop
    ) async throws -> (JobStore, SQLiteBroker) {
        let store = try await JobStore.open(
            .file(path: path), options: JobStoreOptions(clock: LoopClock(loop: loop)))
        return (store, SQLiteBroker(store: store, options: SQLiteBrokerOptions()))
    }

    @Test("its log, or the log's index, is missed as well", arguments: ["-wal", "-shm"])
    func companion(name: String) async throws {
        try await withPlace { place in
            unlink(place.path + name)
            let reason = try await refusal(place)
            #expect(reason.contains("\(place.path)\(name) was removed"))
        }
    }

    @Test("another link on the way to it is noticed")
    func link() async throws {
        try await withEventLoop { loop in
            let directory = try TemporaryDirectory()
            let (one, two) = (directory.file("one"), directory.file("two"))
            let path = directory.file("link")
            try directory.write("", to: "one")
            #expect(symlink(one, path) == 0)
            let (store, broker) = try await open(path, loop)
            _ = try await broker.enqueue([job(1)])
            try directory.write("", to: "two")
            unlink(path)
            #expect(symlink(two, path) == 0)
            await #expect(throws: BrokerError.self) { _ = try await broker.enqueue([job(2)]) }
            await store.close()
        }
    }

    @Test("a second name is refused at the start, and takes nothing new where it comes later")
    func hardLink() async throws {
        try await withPlace { place in
            let second = place.directory.file("second")
            #expect(Glibc.link(place.path, second) == 0)
            #expect(try await refusal(place).contains("2 names"))
            await place.store.close()
            try await withEventLoop { loop in
                for path in [second, place.path] {
                    let error = try await #require(throws: JobFileError.self) {
                        _ = try await open(path, loop)
                    }
                    #expect(error.problem == .severalNames(2))
                    #expect(error.isAboutPlace)
                }
                unlink(second)
                await (try open(place.path, loop)).0.close()
            }
        }
    }

    @Test("is one daemon's, also when its lock file was removed")
    func lockRemoved() async throws {
        try await withPlace { place in
            unlink("\(place.path).lock")
            try await withEventLoop { loop in
                let error = try await #require(throws: JobFileError.self) {
                    _ = try await open(place.path, loop)
                }
                #expect(error.problem == .inUse(processID: nil))
            }
        }
    }
}
