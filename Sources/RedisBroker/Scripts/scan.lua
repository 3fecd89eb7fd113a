-- Scan: one slice of a container, for an operator who looks for something. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] pending, scheduled or dead
-- ARGV[1] forward (the oldest first) or backward
-- ARGV[2] how many entries to pass over
-- ARGV[3] how many to look at, at most
-- ARGV[4] stop when so many bytes were looked at
-- ARGV[5] give only entries that contain this; '' gives all
--
-- Returns { how many were looked at (0: the end), envelope, score or '', envelope, score, ... }
local offset, wanted, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local is_list = redis.call('TYPE', KEYS[1])['ok'] == 'list'
local looked, bytes, reply = 0, 0, { 0 }
local take = math.min(wanted, 4)
while take > 0 do
    local from = offset + looked
    local found
    if is_list then
        found = redis.call('LRANGE', KEYS[1], from, from + take - 1)
    elseif ARGV[1] == 'forward' then
        found = redis.call('ZRANGE', KEYS[1], from, from + take - 1, 'WITHSCORES')
    else
        found = redis.call('ZREVRANGE', KEYS[1], from, from + take - 1, 'WITHSCORES')
    end
    local step = is_list and 1 or 2
    for i = 1, #found, step do
        looked = looked + 1
        bytes = bytes + #found[i]
        if ARGV[5] == '' or string.find(found[i], ARGV[5], 1, true) then
            reply[#reply + 1] = found[i]
            reply[#reply + 1] = is_list and '' or found[i + 1]
        end
    end
    if #found < take * step or bytes >= limit then break end
    local fitting = math.max(1, math.floor((limit - bytes) * looked / (bytes + 1)))
    take = math.min(wanted - looked, fitting, 16)
end
reply[1] = looked
return reply
