import EventLoop
import JobControl
import JobQueue
import LinuxSystem
import Redis
import RedisBroker
import SQLiteBroker

/// A broker as the daemon keeps it, whatever it is.
protocol DaemonBroker: Broker {
    /// Keeps it usable until the task is cancelled.
    func run() async
    /// The worker's identity at the moment.
    var workerID: WorkerID { get async }
    /// How long it takes to answer.
    func ping() async throws -> Duration
}

extension RedisBroker: DaemonBroker {}
extension SQLiteBroker: DaemonBroker {}

/// Makes the broker that the settings name.
struct BrokerFactory {
    let loop: EventLoop
    let options: DaemonOptions
    let clock: any JobClock
    let instance: Instance
    let monitor: BrokerMonitor

    /// A broker on Redis is not connected yet; a file is open.
    func make() async throws -> any DaemonBroker {
        switch options.address {
        case .redis(let address): RedisBroker(loop: loop, options: redisOptions(address))
        case .sqlite(let address): try await sqliteBroker(address)
        }
    }

    private func sqliteBroker(_ address: SQLiteAddress) async throws -> SQLiteBroker {
        var storeOptions = JobStoreOptions(clock: clock)
        storeOptions.durability = options.durability
        storeOptions.changed = { [monitor] in monitor.note($0) }
        let store: JobStore
        do {
            store = try await JobStore.open(address, options: storeOptions)
        } catch let error as JobFileError {
            throw StartFailure(
                error.isAboutPlace ? .configuration : .refused, error.description)
        }
        var broker = SQLiteBrokerOptions()
        broker.worker = workerSide
        broker.random = .kernel
        broker.changed = { [monitor] in monitor.note($0) }
        broker.identityChanged = { [instance] in instance.remember($0) }
        return SQLiteBroker(store: store, options: broker)
    }

    private func redisOptions(_ address: RedisAddress) -> RedisBrokerOptions {
        var broker = RedisBrokerOptions(address: address, clock: clock) { [clock] host in
            try await Self.addresses(of: host, clock)
        }
        broker.namespace = options.namespace
        broker.allowsEviction = options.allowsEviction
        broker.worker = workerSide
        broker.random = .kernel
        broker.changed = { [monitor] in monitor.note($0) }
        broker.identityChanged = { [instance] in instance.remember($0) }
        return broker
    }

    /// The name servers' time is limited as that of a connection, which is made to the addresses known from
    /// before when they are silent.
    private static func addresses(
        of host: String, _ clock: any JobClock
    ) async throws -> [String] {
        let found = await within(resolveLimit, clock) { () -> Result<[String], any Error> in
            do {
                return .success(try await NameResolver.addresses(of: host))
            } catch {
                return .failure(error)
            }
        }
        guard let found else {
            throw StartFailure(
                .unavailable,
                "cannot resolve \(host): no name server has answered within \(resolveLimit.brief)")
        }
        return try found.get()
    }

    private static let resolveLimit = Duration.seconds(5)

    private var workerSide: WorkerSide {
        var worker = WorkerSide(queues: options.schedule.queues, lease: options.lease)
        worker.host = instance.host.hostname
        worker.pid = Int(instance.host.processID)
        worker.version = ControlVersion.current
        worker.concurrency = options.concurrency
        return worker
    }
}
