-- Enqueue one job that has more to it than a place in pending: an id of the producer's own, a unique
-- key or a time. (All others are a plain RPUSH.)
-- Model: transition Enqueue in Tests/Model/enqueue.pml
--
-- KEYS[1] pending        LIST
-- KEYS[2] scheduled      ZSET  envelope -> run-at, ms
-- KEYS[3] enqueued:<id>  STRING, there: this id was enqueued before
-- KEYS[4] unique:<key>   STRING  id of the job that holds the key; only for a job with a unique key
-- ARGV[1] envelope
-- ARGV[2] id
-- ARGV[3] how long the id is remembered, ms; 0: it is not
-- ARGV[4] now, after or at
-- ARGV[5] after: delay, ms; at: Unix ms
--
-- Returns { 1, id } when it is in (now, or by an earlier call with this id); { 0, holder } when
-- another job holds the unique key. At maxmemory the first write fails, and nothing is written.
if ARGV[3] ~= '0' and redis.call('EXISTS', KEYS[3]) == 1 then return { 1, ARGV[2] } end
local holder = KEYS[4] and redis.call('GET', KEYS[4])
if holder then return { 0, holder } end

local target, kind = KEYS[1], 'list'
if ARGV[4] ~= 'now' then target, kind = KEYS[2], 'zset' end
-- Nothing may raise after the first write, so the target is looked at before.
local found = redis.call('TYPE', target)['ok']
if found ~= kind and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. target .. ' holds a ' .. found .. ', not a ' .. kind)
end

if KEYS[4] then redis.call('SET', KEYS[4], ARGV[2]) end
if ARGV[3] ~= '0' then redis.call('SET', KEYS[3], '1', 'PX', ARGV[3]) end
if ARGV[4] == 'now' then
    redis.call('RPUSH', target, ARGV[1])
else
    local run_at = tonumber(ARGV[5])
    if ARGV[4] == 'after' then
        local time = redis.call('TIME')
        run_at = run_at + time[1] * 1000 + math.floor(time[2] / 1000)
    end
    redis.call('ZADD', target, string.format('%.0f', run_at), ARGV[1])
end
return { 1, ARGV[2] }
