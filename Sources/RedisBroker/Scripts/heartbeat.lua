-- Heartbeat: the worker's lease in this queue is kept for another lease.
-- Model: transition Heartbeat in Tests/Model/queue.pml
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] workers          ZSET  worker -> end of its lease, ms
-- ARGV[1] worker
-- ARGV[2] epoch of the worker's connection
-- ARGV[3] lease, ms
--
-- Returns 1. Error LEASELOST when the epoch is not the one stored.
local lease = tonumber(ARGV[3])
if not lease then return redis.error_reply('ERR heartbeat: the lease must be a number') end
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then
    return redis.error_reply('LEASELOST the worker was declared lost or has a newer connection')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- A write without effect that Redis allows at maxmemory: it lets the following one pass, too.
redis.call('ZREM', KEYS[2], '')
redis.call('ZADD', KEYS[2], string.format('%.0f', now + lease), ARGV[1])
return 1
