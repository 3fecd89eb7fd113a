-- Promote: due jobs go from scheduled to the tail of pending, one slice, the earliest first.
-- Model: transition Promote in Tests/Model/queue.pml
--
-- KEYS[1] scheduled  ZSET  envelope -> run-at, ms
-- KEYS[2] pending    LIST    each record with the time at which it was due (`pending_at`), where it is an object
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

-- The same rules are in PendingStamp.swift.
local function stamp(envelope, due_at)
    local rest = string.match(envelope, '^{"pending_at":%d+,()')
    if not rest then
        if string.sub(envelope, 1, 2) ~= '{"' or string.find(envelope, '"pending_at"', 1, true) then
            return envelope
        end
        rest = 2
    end
    return string.format('{"pending_at":%.0f,', math.max(0, due_at)) .. string.sub(envelope, rest)
end

-- A few at a time: the sizes of those before tell how many of the rest may fit into the limit.
local take = math.min(wanted, 4)
while take > 0 do
    local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, take)
    if #found == 0 then break end
    if moved == 0 then
        local kind = redis.call('TYPE', KEYS[2])['ok']
        if kind ~= 'list' and kind ~= 'none' then
            return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' holds a ' .. kind .. ', not a list')
        end
        -- A write without effect that Redis allows at maxmemory: it lets the following ones pass, too.
        -- Being the later removal's command, it also shows that the user may remove what is copied.
        redis.call('ZREM', KEYS[1], '')
    end
    local due, stamped = {}, {}
    for i = 1, #found, 2 do
        due[#due + 1] = found[i]
        stamped[#stamped + 1] = stamp(found[i], tonumber(found[i + 1]))
    end
    redis.call('RPUSH', KEYS[2], unpack(stamped))
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
