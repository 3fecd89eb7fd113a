-- Probe: whether this user may use the commands that do something in each of their forms, unless the key is
-- of another type. What it makes is gone when it ends.
-- Model: none, it leaves nothing behind
--
-- ARGV[1] a key that is not there, of the user's own kind; no KEYS, which Redis would look at before it begins
--
-- Returns what Redis says to each: { RPUSH, LPUSH, SADD }. Errors of another kind than a missing permission
-- are what is expected.
-- A write without effect that Redis allows at maxmemory: it lets the following ones pass, too.
redis.call('DEL', ARGV[1])
redis.call('SET', ARGV[1], '', 'PX', 10000)
local answers = {
    redis.pcall('RPUSH', ARGV[1], ''), redis.pcall('LPUSH', ARGV[1], ''), redis.pcall('SADD', ARGV[1], ''),
}
redis.call('DEL', ARGV[1])
return answers
