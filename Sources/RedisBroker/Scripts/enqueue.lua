-- Enqueue one job that has more to it than a place in pending: an id of the producer's own, a unique
-- key or a time. (All others are a plain RPUSH.)
-- Model: transition Enqueue in Tests/Model/enqueue.pml
--
-- KEYS[1] pending        LIST
-- KEYS[2] scheduled      ZSET  envelope -> run-at, ms
-- KEYS[3] enqueued:<id>  STRING, there: this id was enqueued before
-- KEYS[4] unique:<key>   STRING  id of the job that holds the key; only for a job with a unique key
-- KEYS[n] ended:<id>     STRING  what is kept of an earlier job with this id; n is ARGV[6]
-- ARGV[1] envelope
-- ARGV[2] id
-- ARGV[3] how long the id is remembered, ms; 0: it is not
-- ARGV[4] now, after or at
-- ARGV[5] after: delay, ms; at: Unix ms
-- ARGV[6] which of KEYS is ended:<id>, 4 or 5; 0 or not there: none
--
-- Returns { 1, id } when it is in now; { 1, id, 1 } when it was in before this call: nothing was added;
-- { 0, holder } when another job holds the unique key: nothing was added. An argument that cannot be
-- read is an error, and so is maxmemory: nothing is written.
--
-- The order of the writes: a job is in before its key is held and its id is remembered. When a write is
-- refused after others, the call ends with an error and can be sent again: the job may be in twice, but
-- an id is never known without a job, and a key is never held without one.
local function refused(what, text)
    return redis.error_reply('ERR enqueue: ' .. what .. ', not ' .. tostring(text))
end

-- A number in decimal, without a unit.
local function number(text)
    return string.match(text or '', '^%-?%d+%.?%d*[eE]?[+-]?%d*$') and tonumber(text)
end

if #KEYS < 3 or (ARGV[1] or '') == '' then
    return redis.error_reply('ERR enqueue: three keys and an envelope are needed')
end
local id = ARGV[2] or ''
if #id > 64 or not string.match(id, '^[%w_-]+$') then
    return refused('the id must be [A-Za-z0-9_-]{1,64}', id)
end
local remember = string.match(ARGV[3] or '', '^%d+$') and tonumber(ARGV[3])
if not remember or remember > 3153600000000 then
    return refused('the lifetime of the id must be 0 to 3153600000000 ms', ARGV[3])
end
local kind, run_at = ARGV[4], nil
if kind == 'after' or kind == 'at' then
    run_at = number(ARGV[5])
    if not run_at or run_at > (kind == 'after' and 3153600000000 or 253402300799999) then
        return refused('the delay or time must be a number of ms', ARGV[5])
    end
    run_at = math.max(run_at, 0)
elseif kind ~= 'now' then
    return refused('now, after or at is needed', kind)
end
local position = ARGV[6] or '0'
if position ~= '0' and not (string.match(position, '^[45]$') and KEYS[tonumber(position)]) then
    return refused('the key of what is kept of an end must be 4 or 5', position)
end
local ended = KEYS[tonumber(position)]
local unique = position ~= '4' and KEYS[4] or nil

if remember > 0 and redis.call('EXISTS', KEYS[3]) == 1 then return { 1, id, 1 } end
local holder = unique and redis.call('GET', unique)
if holder then
    if holder == id then
        -- It waits or runs, although its id was forgotten, or could not be written when it came in.
        if remember > 0 then redis.pcall('SET', KEYS[3], '1', 'PX', ARGV[3]) end
        return { 1, id, 1 }
    end
    return { 0, holder }
end

local target, type = KEYS[1], 'list'
if run_at then target, type = KEYS[2], 'zset' end
local found = redis.call('TYPE', target)['ok']
if found ~= type and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. target .. ' holds a ' .. found .. ', not a ' .. type)
end
if kind == 'after' then
    local time = redis.call('TIME')
    run_at = run_at + time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Neither key is there, so this writes nothing. It is refused at maxmemory, and to a user who may not write
-- them, as long as nothing was written.
if remember > 0 then redis.call('SET', KEYS[3], '1', 'XX') end
if unique then redis.call('SET', unique, id, 'XX') end
if ended then redis.call('DEL', ended) end
if run_at then
    redis.call('ZADD', target, string.format('%.0f', run_at), ARGV[1])
else
    redis.call('RPUSH', target, ARGV[1])
end
if unique then redis.call('SET', unique, id) end
if remember > 0 then redis.call('SET', KEYS[3], '1', 'PX', ARGV[3]) end
return { 1, id }
