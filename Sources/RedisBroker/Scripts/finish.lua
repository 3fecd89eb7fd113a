-- Finish: outcomes of this worker's attempts, each only while its token still stands (the fence).
-- Model: transition Finish in Tests/Model/queue.pml; the unique key in Tests/Model/enqueue.pml, what goes aside in Tests/Model/aside.pml
-- Attempts and counters are not in the model.
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] pending          LIST
-- KEYS[3] scheduled        ZSET
-- KEYS[4] dead             ZSET
-- KEYS[5] totals           HASH  counters `done`, `dead`, `retried`
-- KEYS[6...] unique:<key>  STRING, ended:<id>  STRING, and aside:<type>  LIST, each followed by aside  SET:
--         those that ARGV refers to
-- ARGV[1] epoch of the worker's connection when all of this was claimed on it and is sent for the first
--         time, else ''
-- ARGV[2] how many plain acks follow
-- ARGV[3] how many other outcomes follow
-- ARGV[4...] the tokens of the acks, then those of the others; then for each of the others nine words:
--     kind      A ack, R retry, D dead letter, L release. Of a job that was not begun, whose record stays as
--               it lies: B back to the head of pending, S aside behind the others of its type, T before them
--     delay     of a retry, ms; S and T: index into KEYS of aside:<type>
--     envelope  the record to store, '': as it lies in the active hash; S and T: the type
--     again     1: an equal record in the sorted set is this job's, stored by a call that was refused
--               halfway or whose answer was lost; 0: it is another job's, and both are kept
--     unique    index into KEYS of the unique key to give back, 0: none
--     holder    id of the job that holds it
--     ended     index into KEYS of the key for what is kept of the job's end, 0: nothing
--     receipt   what is kept
--     lifetime  for how long, ms
--
-- Returns the positions (from 1, acks first) of the outcomes that were refused: not this worker's any
-- more, or written before. After an error every token still stands, and all can be sent again: what is
-- stored is stored before the tokens are removed, which is one command for all.
local acks, others = tonumber(ARGV[2]), tonumber(ARGV[3])
if not (acks and others) or #ARGV ~= 3 + acks + 10 * others then
    return redis.error_reply('ERR finish: the counts do not fit the number of arguments')
end
local last_token = 3 + acks + others
local must_be = {}
for i = last_token + 1, #ARGV, 9 do
    local kind, delay = ARGV[i], tonumber(ARGV[i + 1])
    if kind == 'R' then
        must_be[3] = 'zset'
    elseif kind == 'D' then
        must_be[4] = 'zset'
    elseif kind == 'L' or kind == 'B' then
        must_be[2] = 'list'
    elseif kind == 'S' or kind == 'T' then
        if not (delay and KEYS[delay + 1]) then
            return redis.error_reply('ERR finish: a key is out of range')
        end
        must_be[delay], must_be[delay + 1] = 'list', 'set'
    elseif kind ~= 'A' then
        return redis.error_reply('ERR finish: there is no outcome ' .. kind)
    end
    local unique, ended = tonumber(ARGV[i + 4]), tonumber(ARGV[i + 6])
    -- Not a number is not in any range.
    if not (delay and delay >= 0 and delay < 1e15)
        or not (unique == 0 or KEYS[unique]) or not (ended == 0 or KEYS[ended]) then
        return redis.error_reply('ERR finish: a delay or a key is out of range')
    end
end
for place, kind in pairs(must_be) do
    local found = redis.call('TYPE', KEYS[place])['ok']
    if found ~= kind and found ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. KEYS[place] .. ' holds a ' .. found .. ', not a ' .. kind)
    end
end

local refused, done, dead, retried = {}, 0, 0, 0
-- What is removed in the end, where that is not simply all tokens.
local standing
-- Since these were claimed the worker was not declared lost, and nobody has written them: all are there.
local all_stand = acks > 0 and ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'epoch') == ARGV[1]
if all_stand then
    done = acks
elseif acks > 0 then
    standing = {}
    local seen = {}
    for i = 1, acks do
        local token = ARGV[3 + i]
        if not seen[token] and redis.call('HEXISTS', KEYS[1], token) == 1 then
            seen[token] = true
            standing[#standing + 1] = token
        else
            refused[#refused + 1] = i
        end
    end
    done = #standing
end

-- Blanks that no other claim has: in a sorted set equal records would be one.
local function blanks(token)
    local digest = string.sub(redis.sha1hex(KEYS[1] .. token), 1, 16)
    return (string.gsub(digest, '.', function(digit)
        local value, text = tonumber(digit, 16), ''
        for bit = 0, 3 do
            text = text .. (math.floor(value / 2 ^ bit) % 2 == 0 and ' ' or '\t')
        end
        return text
    end))
end

-- The record to store. It stands, so that there is one.
local function record(token, i)
    return ARGV[i + 2] ~= '' and ARGV[i + 2] or redis.call('HGET', KEYS[1], token)
end

-- Returns 1 when the record is new in the sorted set.
local function store(place, score, token, i)
    local envelope = record(token, i)
    local added = redis.call('ZADD', KEYS[place], 'NX', string.format('%.0f', score), envelope)
    if added == 1 or ARGV[i + 3] == '1' then return added end
    return redis.call('ZADD', KEYS[place], 'NX', string.format('%.0f', score), envelope .. blanks(token))
end

-- The type comes first: a list that is not found in the set is met by nobody.
local function put_aside(kind, token, list, type_of_job)
    redis.call('SADD', KEYS[list + 1], type_of_job)
    redis.call(kind == 'S' and 'RPUSH' or 'LPUSH', KEYS[list], redis.call('HGET', KEYS[1], token))
end

if others > 0 then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    -- A write without effect that Redis allows at maxmemory: it lets the following ones pass, too. Being
    -- the later removal's command, it also shows that the user may remove what is copied.
    redis.call('HDEL', KEYS[1], '')
    local seen, some_fell = {}, false
    for number = 1, others do
        local token, i = ARGV[3 + acks + number], last_token + 9 * number - 8
        if seen[token] or redis.call('HEXISTS', KEYS[1], token) == 0 then
            refused[#refused + 1] = acks + number
            some_fell = true
        else
            seen[token] = true
            local kind, unique, ended = ARGV[i], tonumber(ARGV[i + 4]), tonumber(ARGV[i + 6])
            if kind == 'A' then
                done = done + 1
            elseif kind == 'R' then
                retried = retried + store(3, now + tonumber(ARGV[i + 1]), token, i)
            elseif kind == 'D' then
                dead = dead + store(4, now, token, i)
            elseif kind == 'L' or kind == 'B' then
                redis.call('LPUSH', KEYS[2], record(token, i))
            else
                put_aside(kind, token, tonumber(ARGV[i + 1]), ARGV[i + 2])
            end
            -- A receipt is not worth a failed finish.
            if ended > 0 then redis.pcall('SET', KEYS[ended], ARGV[i + 7], 'PX', ARGV[i + 8]) end
            -- Before the token is removed: a key whose job has ended would be held for ever.
            if unique > 0 and redis.pcall('GET', KEYS[unique]) == ARGV[i + 5] then
                redis.call('DEL', KEYS[unique])
            end
        end
    end
    if standing or some_fell then
        standing = standing or { unpack(ARGV, 4, 3 + acks) }
        for number = 1, others do
            local token = ARGV[3 + acks + number]
            if seen[token] then
                seen[token] = nil
                standing[#standing + 1] = token
            end
        end
    end
end

-- Counters are not worth a failed finish: a key of another type in their place is left alone.
local function count(counter, change)
    return change == 0 or type(redis.pcall('HINCRBY', KEYS[5], counter, change)) == 'number'
end

count('dead', dead)
count('retried', retried)
if standing and #standing == 0 then return refused end
-- Before the tokens are removed, like all that is kept; at maxmemory the removal makes room for it.
local is_counted = count('done', done)
local removed
if standing then
    removed = redis.pcall('HDEL', KEYS[1], unpack(standing))
else
    removed = redis.pcall('HDEL', KEYS[1], unpack(ARGV, 4, last_token))
end
if type(removed) == 'table' then
    if is_counted then count('done', -done) end
    return removed
end
if all_stand and removed < (standing and #standing or acks + others) then
    -- Redis fell back to an older copy of itself. Which acks are missing cannot be told now, and a job
    -- must not end twice: none of them counts as written.
    for i = 1, acks do refused[#refused + 1] = i end
    if is_counted then count('done', -acks) end
    done = done - acks
end
if not is_counted then count('done', done) end
return refused
