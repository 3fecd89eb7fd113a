import Foundation

/// Where every job was at one moment: read by one script, with no code of the project.
package struct QueueSnapshot: Sendable {
    /// One record, and where it lies.
    package struct Entry: Sendable {
        /// Such as `pending` or `active:<worker>`.
        package let container: String
        package let queue: String
        /// `nil`: the record has none, or is no envelope.
        package let id: String?
        package let uniqueKey: String?
        package let lastError: String?
    }

    package var entries: [Entry] = []
    /// Unique keys that are held, with their holders' ids.
    package var locks: [String: String] = [:]
    /// Workers that are registered or whose hash is there, by queue.
    package var workers: Set<String> = []
    package var done = 0
    package var dead = 0

    package init() {}

    /// What is there.
    package init(of redis: RedisServer, queues: [String], namespace: String = "jq") throws {
        let connection = try redis.connect()
        for queue in queues { try read(queue, namespace, connection) }
    }

    /// Jobs that have not ended.
    package var living: [Entry] { entries.filter { $0.container != "dead" } }
    /// The dead ones.
    package var deadLetters: [Entry] { entries.filter { $0.container == "dead" } }

    private mutating func read(
        _ queue: String, _ namespace: String, _ connection: RESPConnection
    ) throws {
        let reply = try connection.command(
            ["EVAL", Self.script, "0", "\(namespace):{\(queue)}:"])
        for part in reply.elements {
            let words = part.elements
            guard words.count == 3, let kind = words[0].text, let name = words[1].text else {
                continue
            }
            switch kind {
            case "worker": workers.insert("\(queue) \(name)")
            case "lock": locks["\(queue) \(name)"] = words[2].text
            case "total" where name == "done": done += words[2].integer ?? 0
            case "total" where name == "dead": dead += words[2].integer ?? 0
            case "entry":
                entries.append(Entry(container: name, queue: queue, record: words[2].bytes ?? []))
            default: break
            }
        }
    }

    private static let script = """
        local prefix, reply = ARGV[1], {}
        local function add(kind, name, value) reply[#reply + 1] = { kind, name, value or '' } end
        for _, record in ipairs(redis.call('LRANGE', prefix .. 'pending', 0, -1)) do
            add('entry', 'pending', record)
        end
        for _, name in ipairs({ 'scheduled', 'dead' }) do
            for _, record in ipairs(redis.call('ZRANGE', prefix .. name, 0, -1)) do
                add('entry', name, record)
            end
        end
        for _, key in ipairs(redis.call('KEYS', prefix .. '*')) do
            if key:sub(1, #prefix) == prefix then
                local name = key:sub(#prefix + 1)
                if name:sub(1, 7) == 'active:' then
                    add('worker', name:sub(8))
                    local fields = redis.call('HGETALL', key)
                    for i = 1, #fields, 2 do
                        if fields[i] ~= 'epoch' then add('entry', name, fields[i + 1]) end
                    end
                elseif name:sub(1, 7) == 'unique:' then
                    add('lock', name:sub(8), redis.call('GET', key))
                end
            end
        end
        for _, worker in ipairs(redis.call('ZRANGE', prefix .. 'workers', 0, -1)) do
            add('worker', worker)
        end
        local totals = redis.call('HGETALL', prefix .. 'totals')
        for i = 1, #totals, 2 do add('total', totals[i], totals[i + 1]) end
        return reply
        """
}

extension QueueSnapshot.Entry {
    package init(container: String, queue: String, record: [UInt8]) {
        let object = try? JSONSerialization.jsonObject(with: Data(record)) as? [String: Any]
        self.container = container
        self.queue = queue
        id = object?["id"] as? String
        uniqueKey = object?["unique_key"] as? String
        lastError = object?["last_error"] as? String
    }
}
