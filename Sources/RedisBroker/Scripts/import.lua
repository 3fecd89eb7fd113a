-- Import one job that another broker held, to the state that it had there.
-- Model: transition Enqueue in Tests/Model/enqueue.pml (an id of the producer's own)
--
-- KEYS[1] pending        LIST; or scheduled, or dead, ZSET
-- KEYS[2] enqueued:<id>  STRING, there: this id was enqueued or imported before
-- KEYS[3] unique:<key>   STRING  id of the job that holds the key; only for a job that takes one
-- ARGV[1] envelope
-- ARGV[2] id
-- ARGV[3] how long the id is remembered, ms
-- ARGV[4] scheduled: run-at, dead: died-at, Unix ms; '' for pending
-- ARGV[5] the envelope with an id in it, where it has none: equal ones would be one in a ZSET; else ''
--
-- Returns 1 when it is in, 0 when it is or was there already, and the holder's id when another job holds
-- the unique key. At maxmemory the first write fails, and nothing is written.
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local holder = KEYS[3] and redis.call('GET', KEYS[3])
if holder and holder ~= ARGV[2] then return holder end

local kind = ARGV[4] == '' and 'list' or 'zset'
local found = redis.call('TYPE', KEYS[1])['ok']
if found ~= kind and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' holds a ' .. found .. ', not a ' .. kind)
end
local envelope = ARGV[1]
if kind == 'zset' and redis.call('ZSCORE', KEYS[1], envelope) then
    if ARGV[5] == '' then return 0 end
    envelope = ARGV[5]
end

redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
if KEYS[3] then redis.call('SET', KEYS[3], ARGV[2]) end
if kind == 'list' then
    redis.call('RPUSH', KEYS[1], envelope)
else
    redis.call('ZADD', KEYS[1], ARGV[4], envelope)
end
return 1
