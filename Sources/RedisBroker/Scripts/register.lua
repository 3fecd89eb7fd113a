-- Register: a worker takes up, or goes on with, its lease on a new connection. The epoch only grows,
-- so that whatever was sent on an older connection and arrives late is refused.
-- Model: transition Register in Tests/Model/queue.pml
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] workers          ZSET  worker -> end of its lease, ms
-- KEYS[3] leases           HASH  worker -> how long its lease lasts, ms
-- ARGV[1] worker
-- ARGV[2] epoch of the new connection
-- ARGV[3] lease, ms
-- ARGV[4] 1: this worker never was registered here; 0: it was, so a missing epoch means it was
--         declared lost
--
-- Returns the tokens that the hash holds. Error LEASELOST.
local epoch, lease = tonumber(ARGV[2]), tonumber(ARGV[3])
if not (epoch and lease) then
    return redis.error_reply('ERR register: the epoch and the lease must be numbers')
end
local stored = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0') or 0
if epoch <= stored or (stored == 0 and ARGV[4] ~= '1') then
    return redis.error_reply('LEASELOST the worker was declared lost or has a newer connection')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- A write without effect that Redis allows at maxmemory: it lets the following ones pass, too.
redis.call('ZREM', KEYS[2], '')
-- `workers` first: what a worker holds that is not in it would never be recovered.
redis.call('ZADD', KEYS[2], string.format('%.0f', now + lease), ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], string.format('%.0f', lease))
redis.call('HSET', KEYS[1], 'epoch', ARGV[2])
local tokens = {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if field ~= 'epoch' then tokens[#tokens + 1] = field end
end
return tokens
