-- Stats: the counts of one queue at one moment. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] pending  KEYS[2] scheduled  KEYS[3] dead  KEYS[4] paused  KEYS[5] workers  KEYS[6] totals
-- KEYS[7] aside
-- ARGV[1] what stands before a worker's id in the name of its active hash (same slot as the KEYS)
-- ARGV[2] how many bytes of the head of pending are wanted
-- ARGV[3] what stands before a type in the name of the list of those that wait aside
--
-- Returns { pending, scheduled, dead, active, paused, { done, dead, retried, recovered },
-- the beginning of the envelope at the head of pending or '', its size, how many workers hold a lease,
-- { the same beginning and size of the head of each list of those that wait aside, ... } }
-- Of more than about 1000 such lists the rest is not counted; no more than 256 KiB of their heads are read.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local active, living = 0, 0
-- Those whose leases end last: of very many the rest is lost.
local workers = redis.call('ZREVRANGE', KEYS[5], 0, 9999, 'WITHSCORES')
for i = 1, #workers, 2 do
    local key = ARGV[1] .. workers[i]
    active = active + redis.call('HLEN', key) - redis.call('HEXISTS', key, 'epoch')
    if tonumber(workers[i + 1]) >= now then living = living + 1 end
end
local head = redis.call('LINDEX', KEYS[1], 0) or ''
local aside, heads, bytes = 0, {}, 0
for _, name in ipairs(redis.call('SSCAN', KEYS[7], 0, 'COUNT', 1000)[2]) do
    local key = ARGV[3] .. name
    aside = aside + redis.call('LLEN', key)
    local first = bytes < 262144 and redis.call('LINDEX', key, 0)
    if first then
        heads[#heads + 1] = string.sub(first, 1, tonumber(ARGV[2]))
        heads[#heads + 1] = #first
        bytes = bytes + #first
    end
end
return {
    redis.call('LLEN', KEYS[1]) + aside, redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[3]), active,
    redis.call('EXISTS', KEYS[4]),
    redis.call('HMGET', KEYS[6], 'done', 'dead', 'retried', 'recovered'),
    string.sub(head, 1, tonumber(ARGV[2])), #head, living, heads,
}
