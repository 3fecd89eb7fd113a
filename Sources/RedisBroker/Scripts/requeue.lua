-- Requeue: a dead job goes to the tail of pending, as a new record.
-- Model: transition Requeue in Tests/Model/enqueue.pml
--
-- KEYS[1] dead          ZSET
-- KEYS[2] pending       LIST
-- KEYS[3] unique:<key>  STRING; only for a job with a unique key, which it must take again
-- ARGV[1] envelope as it lies in dead
-- ARGV[2] envelope to put into pending
-- ARGV[3] id
--
-- Returns 1 when it was moved, 0 when it is not there any more, and the holder's id when another job
-- holds the unique key.
local holder = KEYS[3] and redis.call('GET', KEYS[3])
if holder and holder ~= ARGV[3] then return holder end
local found = redis.call('TYPE', KEYS[2])['ok']
if found ~= 'list' and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' holds a ' .. found .. ', not a list')
end
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
if KEYS[3] then redis.call('SET', KEYS[3], ARGV[3]) end
redis.call('RPUSH', KEYS[2], ARGV[2])
return 1
