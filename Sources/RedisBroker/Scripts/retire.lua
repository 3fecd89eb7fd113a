-- Retire: a worker that holds nothing is taken out of `workers`: a lost one by whoever recovered it,
-- a drained one by itself.
-- Model: transition Retire in Tests/Model/queue.pml
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] workers          ZSET
-- KEYS[3] leases           HASH
-- ARGV[1] worker
-- ARGV[2] its epoch when it signs off itself; '' for a lost one, which has none
--
-- Returns 1 when it is out; 0 when it holds something or lives.
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and epoch ~= ARGV[2] then return 0 end
if redis.call('HLEN', KEYS[1]) > (epoch and 1 or 0) then return 0 end
-- `workers` last: a worker that is in it and has no epoch is found by the next recovery.
redis.call('HDEL', KEYS[1], 'epoch')
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
