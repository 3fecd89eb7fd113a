-- Claim: the head of pending, or of the jobs of a type that wait aside, goes into this worker's active hash,
-- under tokens that the worker made.
-- Model: transition Claim in Tests/Model/queue.pml, and of what waits aside in Tests/Model/aside.pml
--
-- KEYS[1] active:<worker>   HASH  token -> envelope, and the field `epoch`
-- KEYS[2] pending           LIST; or aside:<type>
-- KEYS[3] paused            STRING, there: nothing is claimed
-- KEYS[4] aside             SET   the types that may have such a list; only where KEYS[2] is one
-- ARGV[1] epoch of the worker's connection
-- ARGV[2] how many jobs at most, 1 to 500
-- ARGV[3] token of the first; the others follow it
-- ARGV[4] stop when this many bytes were claimed
-- ARGV[5] of an envelope with more bytes than this the answer has { its first ARGV[6] bytes, its size, its SHA-1 }
-- ARGV[6]
-- ARGV[7] the type; only with KEYS[4]
--
-- Returns { rest, envelope, envelope, ... }; rest: 0 the list is empty now, 1 there may be more,
-- 2 paused. Error LEASELOST, and nothing is written, when the epoch is not the one stored. After any
-- other error the jobs may be active and still pending, so the worker looks for them by registering again.
local wanted, token, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local longest, beginning = tonumber(ARGV[5]), tonumber(ARGV[6])
if not (wanted and token and limit and longest and beginning) or (KEYS[4] and not ARGV[7]) then
    return redis.error_reply('ERR claim: the count, the token and the limits must be numbers')
end
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
    return redis.error_reply('LEASELOST the worker was declared lost or has a newer connection')
end
if redis.call('EXISTS', KEYS[3]) == 1 then return { 2 } end

local format = string.format
-- Counted along, because Lua would look for the end of a table at each use of #.
local reply, claimed, bytes, rest = { 1 }, 0, 0, 1
-- A few at a time: the sizes of those before tell how many of the rest may fit into the limit.
local take = math.min(wanted, 4)
while take > 0 do
    local envelopes = redis.call('LRANGE', KEYS[2], claimed, claimed + take - 1)
    local found = #envelopes
    if found == 0 then rest = 0 break end
    -- A write without effect that Redis allows at maxmemory: it lets the following ones pass, too.
    if claimed == 0 then redis.call('HDEL', KEYS[1], '') end
    local fields = {}
    for i = 1, found do
        local envelope = envelopes[i]
        -- Redis itself would write a number, too, but as a fraction, to 17 digits, which takes longer.
        fields[2 * i - 1], fields[2 * i] = format('%d', token + claimed), envelope
        claimed = claimed + 1
        local size = #envelope
        if size > longest then
            envelope = { string.sub(envelope, 1, beginning), size, redis.sha1hex(envelope) }
        end
        reply[claimed + 1] = envelope
        bytes = bytes + size
    end
    redis.call('HSET', KEYS[1], unpack(fields))
    if found < take then rest = 0 break end
    if bytes >= limit then break end
    local fitting = math.max(1, math.floor((limit - bytes) * claimed / (bytes + 1)))
    take = math.min(wanted - claimed, fitting, 16)
end
-- One removal for all: with one for each part a claim of 100 took 8 % more of Redis's time. A user whose
-- permissions are those of before LTRIM was needed has LPOP, which gives the envelopes back for nothing.
if claimed > 0 and type(redis.pcall('LTRIM', KEYS[2], claimed, -1)['err']) == 'string' then
    redis.call('LPOP', KEYS[2], claimed)
end
reply[1] = rest
-- The type goes last: while there are jobs it is in the set. One that stays there does no harm.
if KEYS[4] and rest == 0 then redis.pcall('SREM', KEYS[4], ARGV[7]) end
return reply
