-- Trim: the oldest dead letters beyond a number or an age are dropped, one slice.
-- Model: none, it only drops dead letters
--
-- KEYS[1] dead  ZSET  envelope -> when it died, ms
-- ARGV[1] how many may stay, -1: any number
-- ARGV[2] how old they may be, ms, -1: of any age
-- ARGV[3] how many are dropped at most, 1 to 500
-- ARGV[4] stop when so many bytes were dropped
--
-- Returns { dropped, 1 when there may be more to drop, else 0 }
local kept, age = tonumber(ARGV[1]), tonumber(ARGV[2])
local most, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local last = age >= 0 and time[1] * 1000 + math.floor(time[2] / 1000) - age or -math.huge
local over = kept >= 0 and redis.call('ZCARD', KEYS[1]) - kept or 0
local dropped, bytes = 0, 0
-- A few at a time: the sizes of those before tell how many of the rest may fit into the limit.
local take = math.min(most, 4)
while take > 0 do
    -- They stand in the order of their deaths, so both limits drop from the beginning.
    local oldest = redis.call('ZRANGE', KEYS[1], 0, take - 1, 'WITHSCORES')
    local beyond = {}
    for i = 1, #oldest, 2 do
        if dropped + #beyond >= over and tonumber(oldest[i + 1]) >= last then break end
        beyond[#beyond + 1] = oldest[i]
        bytes = bytes + #oldest[i]
    end
    if #beyond > 0 then redis.call('ZREM', KEYS[1], unpack(beyond)) end
    dropped = dropped + #beyond
    if #beyond < take then return { dropped, 0 } end
    if bytes >= limit then break end
    local fitting = math.max(1, math.floor((limit - bytes) * dropped / (bytes + 1)))
    take = math.min(most - dropped, fitting, 16)
end
return { dropped, 1 }
