-- Pause or resume a queue.
-- Model: transition Pause in Tests/Model/queue.pml
--
-- KEYS[1] paused   STRING, there: nothing is claimed
-- KEYS[2] workers  ZSET
-- ARGV[1] 1 pause, 0 resume
--
-- Returns 1.
if ARGV[1] ~= '1' and ARGV[1] ~= '0' then
    return redis.error_reply('ERR pause: the argument must be 1 or 0')
end
-- A write without effect that Redis allows at maxmemory: it lets the following one pass, too.
redis.call('ZREM', KEYS[2], '')
if ARGV[1] == '1' then
    redis.call('SET', KEYS[1], '1')
else
    redis.call('DEL', KEYS[1])
end
return 1
