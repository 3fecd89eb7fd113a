-- Trim: the oldest dead letters beyond a number or an age are dropped, one slice.
-- Model: none, it only drops dead letters
--
-- KEYS[1] dead  ZSET  envelope -> when it died, ms
-- ARGV[1] how many may stay, -1: any number
-- ARGV[2] how old they may be, ms, -1: of any age
-- ARGV[3] how many are dropped at most, 1 to 500. No bytes are copied, whatever the size of each
--
-- Returns { dropped, 1 when there are more to drop, else 0 }
local kept, age, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local beyond = 0
if kept >= 0 then beyond = redis.call('ZCARD', KEYS[1]) - kept end
if age >= 0 then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local last = '(' .. string.format('%.0f', now - age)
    beyond = math.max(beyond, redis.call('ZCOUNT', KEYS[1], '-inf', last))
end
if beyond <= 0 then return { 0, 0 } end
-- The members stand in the order of their deaths, so both limits drop from the beginning.
local dropped = redis.call('ZREMRANGEBYRANK', KEYS[1], 0, math.min(beyond, most) - 1)
return { dropped, beyond > dropped and 1 or 0 }
