-- Stats: the counts of one queue at one moment. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] pending  KEYS[2] scheduled  KEYS[3] dead  KEYS[4] paused  KEYS[5] workers  KEYS[6] totals
-- ARGV[1] what stands before a worker's id in the name of its active hash (same slot as the KEYS)
--
-- Returns { pending, scheduled, dead, active, paused, { done, dead, retried, recovered },
-- envelope at the head of pending or '' }
local active = 0
for _, worker in ipairs(redis.call('ZRANGE', KEYS[5], 0, 999)) do
    local key = ARGV[1] .. worker
    active = active + redis.call('HLEN', key) - redis.call('HEXISTS', key, 'epoch')
end
return {
    redis.call('LLEN', KEYS[1]), redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[3]), active,
    redis.call('EXISTS', KEYS[4]),
    redis.call('HMGET', KEYS[6], 'done', 'dead', 'retried', 'recovered'),
    redis.call('LINDEX', KEYS[1], 0) or '',
}
