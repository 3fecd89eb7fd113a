-- Delete: a job that does not run is dropped, and its unique key given back.
-- Model: transition Delete in Tests/Model/enqueue.pml
--
-- KEYS[1] pending, scheduled or dead
-- KEYS[2] unique:<key>  STRING; only for a job with a unique key
-- ARGV[1] envelope
-- ARGV[2] id
--
-- Returns 1 when it was dropped, 0 when it is not there any more.
local removed
if redis.call('TYPE', KEYS[1])['ok'] == 'list' then
    removed = redis.call('LREM', KEYS[1], 1, ARGV[1])
else
    removed = redis.call('ZREM', KEYS[1], ARGV[1])
end
if removed == 1 and KEYS[2] and redis.pcall('GET', KEYS[2]) == ARGV[2] then
    redis.call('DEL', KEYS[2])
end
return removed
