-- Promote: due jobs go from scheduled to the tail of pending, one slice, the earliest first.
-- Model: transition Promote in Tests/Model/queue.pml
--
-- KEYS[1] scheduled  ZSET  envelope -> run-at, ms
-- KEYS[2] pending    LIST
-- KEYS[3] paused     STRING, there: nothing is claimed
-- KEYS[4] exporting  STRING, there: an export reads the queue; a job that moves would be met twice
-- ARGV[1] how many at most, 1 to 500
-- ARGV[2] stop when this many bytes were moved
--
-- Returns { moved, ms until the next is due (0: now; -1: none is scheduled) }
local wanted, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
if not (wanted and limit) then
    return redis.error_reply('ERR promote: the count and the limit must be numbers')
end
if redis.call('EXISTS', KEYS[3], KEYS[4]) == 2 then return { 0, 1000 } end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local moved, bytes = 0, 0
-- A few at a time: the sizes of those before tell how many of the rest may fit into the limit.
local take = math.min(wanted, 4)
while take > 0 do
    local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, take)
    if #due == 0 then break end
    if moved == 0 then
        local found = redis.call('TYPE', KEYS[2])['ok']
        if found ~= 'list' and found ~= 'none' then
            return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' holds a ' .. found .. ', not a list')
        end
        -- A write without effect that Redis allows at maxmemory: it lets the following ones pass, too.
        -- Being the later removal's command, it also shows that the user may remove what is copied.
        redis.call('ZREM', KEYS[1], '')
    end
    redis.call('RPUSH', KEYS[2], unpack(due))
    redis.call('ZREM', KEYS[1], unpack(due))
    moved = moved + #due
    for _, envelope in ipairs(due) do bytes = bytes + #envelope end
    if bytes >= limit then break end
    local fitting = math.max(1, math.floor((limit - bytes) * moved / (bytes + 1)))
    take = math.min(wanted - moved, fitting, 16)
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[2] then return { moved, -1 } end
return { moved, math.max(0, math.min(tonumber(first[2]) - now, 86400000)) }
