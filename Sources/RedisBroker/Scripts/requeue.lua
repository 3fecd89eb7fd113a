-- Requeue: a dead job goes to the tail of pending, as a new record. What is kept of its end is dropped:
-- another end is to come.
-- Model: transition Requeue in Tests/Model/enqueue.pml
--
-- KEYS[1] dead          ZSET
-- KEYS[2] pending       LIST
-- KEYS[3] ended:<id>    STRING  what is kept of the job's end
-- KEYS[4] unique:<key>  STRING; only for a job with a unique key, which it must take again
-- ARGV[1] envelope as it lies in dead
-- ARGV[2] envelope to put into pending
-- ARGV[3] id
--
-- Returns 1 when it was moved, 0 when it is not there any more, and the holder's id when another job
-- holds the unique key.
--
-- The order of the writes: the job is in pending before it holds its key and is taken out of dead. When a
-- write is refused after others, it may be in both; it is never in neither.
local holder = KEYS[4] and redis.call('GET', KEYS[4])
if holder and holder ~= ARGV[3] then return holder end
local found = redis.call('TYPE', KEYS[2])['ok']
if found ~= 'list' and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' holds a ' .. found .. ', not a list')
end
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end

-- DEL comes first, because Redis allows it at maxmemory, and what follows as well then.
redis.call('DEL', KEYS[3])
redis.call('RPUSH', KEYS[2], ARGV[2])
if KEYS[4] then redis.call('SET', KEYS[4], ARGV[3]) end
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
