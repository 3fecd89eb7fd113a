-- Expired: the workers of a queue and the ends of their leases, from which the caller finds those that are
-- over by its own clock. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] workers  ZSET  worker -> end of its lease, ms
-- ARGV[1] how many at most, an even number: of more, half of them from either end
--
-- Returns { now by Redis's clock, ms, worker, end of its lease, worker, end of its lease, ... }
local time = redis.call('TIME')
local reply = { time[1] * 1000 + math.floor(time[2] / 1000) }
local most = tonumber(ARGV[1])
local found
if redis.call('ZCARD', KEYS[1]) <= most then
    found = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
else
    -- A worker that is gone sinks to the one end, or stands at the other when the clock was set back.
    found = redis.call('ZRANGE', KEYS[1], 0, most / 2 - 1, 'WITHSCORES')
    for _, word in ipairs(redis.call('ZRANGE', KEYS[1], -most / 2, -1, 'WITHSCORES')) do
        found[#found + 1] = word
    end
end
for _, word in ipairs(found) do reply[#reply + 1] = word end
return reply
