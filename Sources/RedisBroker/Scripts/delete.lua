-- Delete: a job that does not run is dropped, its unique key is given back, and its id and its line of an
-- import are forgotten: whoever sends it again adds it.
-- Model: transition Delete in Tests/Model/enqueue.pml
--
-- KEYS[1] pending, scheduled or dead
-- KEYS[2] imported:<line> HASH  which of some equal lines were taken
-- KEYS[3] enqueued:<id>   STRING, there: this id was enqueued
-- KEYS[4] unique:<key>    STRING; only for a job with a unique key
-- ARGV[1] envelope
-- ARGV[2] id; '': it has none
--
-- Returns 1 when it was dropped, 0 when it is not there any more.
--
-- The order of the writes: the key is free before its job is dropped. When a write is refused after others,
-- the job may be there without its key; a key is never held without a job.
local kind = redis.call('TYPE', KEYS[1])['ok']
if kind ~= 'list' and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local holds = KEYS[4] and redis.pcall('GET', KEYS[4]) == ARGV[2]

-- DEL, LREM and ZREM come first, because Redis allows them at maxmemory.
if holds then redis.call('DEL', KEYS[4]) end
local removed
if kind == 'list' then
    removed = redis.call('LREM', KEYS[1], 1, ARGV[1])
else
    removed = redis.call('ZREM', KEYS[1], ARGV[1])
end
if removed == 0 then
    -- It was claimed meanwhile, and runs with its key.
    if holds then redis.call('SET', KEYS[4], ARGV[2]) end
    return 0
end
redis.call('DEL', KEYS[3])
-- The last of them, by number: which of several equal ones this is nobody can tell.
local last
for _, copy in ipairs(redis.pcall('HKEYS', KEYS[2])) do
    if not last or (tonumber(copy) or 0) > (tonumber(last) or 0) then last = copy end
end
if last then redis.call('HDEL', KEYS[2], last) end
return 1
