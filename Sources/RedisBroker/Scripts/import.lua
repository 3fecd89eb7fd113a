-- Import one job that another broker held, to the state that it had there.
-- Model: transition Enqueue in Tests/Model/enqueue.pml (an id of the producer's own)
--
-- KEYS[1] pending         LIST; or scheduled, or dead, ZSET
-- KEYS[2] imported:<line> HASH  which of some equal lines were taken
-- KEYS[3] enqueued:<id>   STRING, there: this id was enqueued; only for a job with an id of its own
-- KEYS[4] ended:<id>      STRING  what is kept of an earlier job with this id; only for such a job
-- KEYS[5] unique:<key>    STRING  id of the job that holds the key; only for a job that takes one
-- ARGV[1] envelope
-- ARGV[2] which of the lines that are equal this is: a number from 1, or another word
-- ARGV[3] how long the line and the id are remembered, ms
-- ARGV[4] scheduled: run-at, dead: died-at, Unix ms; '' for pending
-- ARGV[5] id; only for a job with an id of its own
--
-- Returns 1 when it is in, 0 when this line was taken before, and the holder's id when another job holds
-- the unique key. At maxmemory the first write fails, and nothing is written.
--
-- The order of the writes: a write that is refused after others leaves a job that an import which is done
-- again puts in a second time; no line counts as taken without its job.
local copy, memory, moment = ARGV[2], tonumber(ARGV[3]), ARGV[4]
if not memory or copy == '' or not string.match(moment, '^%d*$') then
    return redis.error_reply('ERR import: an argument is missing or no number')
end
if redis.call('HEXISTS', KEYS[2], copy) == 1 then return 0 end
local holder = KEYS[5] and redis.call('GET', KEYS[5])
if holder and holder ~= ARGV[5] then return holder end

local kind = moment == '' and 'list' or 'zset'
local found = redis.call('TYPE', KEYS[1])['ok']
if found ~= kind and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' holds a ' .. found .. ', not a ' .. kind)
end
local envelope = ARGV[1]
if kind == 'zset' and redis.call('ZSCORE', KEYS[1], envelope) then
    -- A sorted set has equal bytes once. White space behind a record tells equal ones apart.
    local rest = math.max((tonumber(copy) or 1) - 1, 1)
    while rest > 0 do
        envelope = envelope .. (rest % 2 == 1 and '\t' or ' ')
        rest = math.floor(rest / 2)
    end
    while redis.call('ZSCORE', KEYS[1], envelope) do envelope = envelope .. ' ' end
end

if kind == 'list' then
    redis.call('RPUSH', KEYS[1], envelope)
else
    redis.call('ZADD', KEYS[1], moment, envelope)
end
if KEYS[5] then redis.call('SET', KEYS[5], ARGV[5]) end
if KEYS[3] then redis.call('SET', KEYS[3], '1', 'PX', memory) end
redis.call('HSET', KEYS[2], copy, '1')
redis.call('PEXPIRE', KEYS[2], memory)
if KEYS[4] then redis.call('DEL', KEYS[4]) end
return 1
