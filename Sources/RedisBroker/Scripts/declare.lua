-- Declare lost: the first step of a recovery. Without its epoch a worker can neither claim nor keep
-- its lease; what it finishes meanwhile still counts, entry by entry. Whether a lease is over is the caller's
-- to know, by a clock that is never set; here it is made sure that it was not kept since.
-- Model: transition Declare in Tests/Model/queue.pml
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] workers          ZSET  worker -> end of its lease, ms
-- ARGV[1] worker
-- ARGV[2] the end of the lease that is over, as it was read; '': it is known to be gone, whatever its lease
--         says (the same instance, started again)
--
-- Returns 1 when it is lost, now or from before; 0 when it lives or has signed off.
local lease_end = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not lease_end then return 0 end
if ARGV[2] ~= '' and lease_end ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'epoch')
return 1
