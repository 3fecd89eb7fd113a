-- Expired: which workers' leases have ended, by Redis's own clock. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] workers  ZSET  worker -> end of its lease, ms
-- ARGV[1] how many at most
--
-- Returns { ms until the next lease ends (-1: there is none), worker, worker, ... }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lost = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[1]))
local next_end = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local reply = { next_end[2] and math.min(tonumber(next_end[2]) - now, 86400000) or -1 }
for _, worker in ipairs(lost) do reply[#reply + 1] = worker end
return reply
