import Redis

/// The scripts that change a job's state, and those that only look. Each file's header is its
/// contract.
enum Scripts {
    static let claim = RedisScript(name: "claim", source: PackageResources.claim_lua)
    static let finish = RedisScript(name: "finish", source: finishSource)
    static let register = RedisScript(name: "register", source: PackageResources.register_lua)
    static let heartbeat = RedisScript(name: "heartbeat", source: PackageResources.heartbeat_lua)
    static let expired = RedisScript(name: "expired", source: PackageResources.expired_lua)
    static let declare = RedisScript(name: "declare", source: PackageResources.declare_lua)
    static let held = RedisScript(name: "held", source: PackageResources.held_lua)
    static let recover = RedisScript(name: "recover", source: PackageResources.recover_lua)
    static let retire = RedisScript(name: "retire", source: PackageResources.retire_lua)
    static let promote = RedisScript(name: "promote", source: PackageResources.promote_lua)
    static let trim = RedisScript(name: "trim", source: PackageResources.trim_lua)
    static let enqueue = RedisScript(name: "enqueue", source: PackageResources.enqueue_lua)
    static let requeue = RedisScript(name: "requeue", source: PackageResources.requeue_lua)
    static let delete = RedisScript(name: "delete", source: PackageResources.delete_lua)
    static let pause = RedisScript(name: "pause", source: PackageResources.pause_lua)
    static let stats = RedisScript(name: "stats", source: PackageResources.stats_lua)
    static let `import` = RedisScript(name: "import", source: PackageResources.import_lua)
    static let scan = RedisScript(name: "scan", source: PackageResources.scan_lua)
    /// Not among `all`: each connection runs it once, before it has the others.
    static let probe = RedisScript(name: "probe", source: PackageResources.probe_lua)

    private static var finishSource: [UInt8] {
        #if FAILPOINTS
            BrokenScripts.finish(PackageResources.finish_lua)
        #else
            PackageResources.finish_lua
        #endif
    }

    static let all = [
        claim, finish, register, heartbeat, expired, declare, held, recover, retire, promote,
        trim, enqueue, `import`, requeue, delete, pause, stats, scan,
    ]
}

/// How much one script may touch, so that none holds Redis up for long.
enum Slice {
    static let count = 500
    static let bytes = 4 << 20
    /// Records that are only looked at.
    static let looked = 2000
}
