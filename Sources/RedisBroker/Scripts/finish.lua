-- Finish: outcomes of this worker's attempts, each only while its token still stands (the fence).
-- Model: transition Finish in Tests/Model/queue.pml, and for the unique key in Tests/Model/enqueue.pml.
-- To it a postponed job is one that is tried again: attempts and counters are not in the model.
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] pending          LIST
-- KEYS[3] scheduled        ZSET
-- KEYS[4] dead             ZSET
-- KEYS[5] totals           HASH  counters `done`, `dead`, `retried`
-- KEYS[6...] unique:<key>  STRING, and ended:<id>  STRING, those that ARGV refers to
-- ARGV[1] epoch of the worker's connection when all of this was claimed on it and is sent for the first
--         time, else ''
-- ARGV[2] how many plain acks follow
-- ARGV[3...] their tokens; then for each other outcome nine words:
--     kind      A ack, R retry, P postpone (a retry that is not counted), D dead letter, L release
--     token
--     delay     of a retry and of what is postponed, ms
--     envelope  the record to store
--     unique    index into KEYS of the unique key to give back, 0: none
--     holder    id of the job that holds it
--     ended     index into KEYS of the key for what is kept of the job's end, 0: nothing
--     receipt   what is kept
--     lifetime  for how long, ms
--
-- Returns the positions (from 1, acks first) of the outcomes that were refused: not this worker's any
-- more, or written before. Error WRONGTYPE, and nothing is written, when a container is no container.
local function must_be(key, kind)
    local found = redis.call('TYPE', key)['ok']
    if found == kind or found == 'none' then return nil end
    return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. found .. ', not a ' .. kind)
end

local acks = tonumber(ARGV[2])
local first_other = 3 + acks
if #ARGV >= first_other then
    -- Nothing may raise after the first write, so the targets are looked at before.
    local wrong = must_be(KEYS[2], 'list') or must_be(KEYS[3], 'zset') or must_be(KEYS[4], 'zset')
    if wrong then return wrong end
end

local refused, done, dead, retried = {}, 0, 0, 0
if acks > 0 then
    if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then
        -- Since these were claimed the worker was not declared lost, and nobody has written them: all
        -- are there.
        done = redis.call('HDEL', KEYS[1], unpack(ARGV, 3, 2 + acks))
        -- Unless Redis fell back to an older copy of itself. Which are missing cannot be told now, and
        -- a job must not end twice: none of these counts as written.
        if done < acks then
            for i = 1, acks do refused[i] = i end
        end
    else
        for i = 1, acks do
            if redis.call('HDEL', KEYS[1], ARGV[2 + i]) == 1 then
                done = done + 1
            else
                refused[#refused + 1] = i
            end
        end
    end
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local position = acks
for i = first_other, #ARGV, 9 do
    position = position + 1
    local kind, envelope, unique = ARGV[i], ARGV[i + 3], tonumber(ARGV[i + 4])
    if redis.call('HDEL', KEYS[1], ARGV[i + 1]) == 0 then
        refused[#refused + 1] = position
    else
        if kind == 'A' then
            done = done + 1
        elseif kind == 'R' or kind == 'P' then
            redis.call('ZADD', KEYS[3], string.format('%.0f', now + tonumber(ARGV[i + 2])), envelope)
            if kind == 'R' then retried = retried + 1 end
        elseif kind == 'D' then
            redis.call('ZADD', KEYS[4], string.format('%.0f', now), envelope)
            dead = dead + 1
        else
            redis.call('LPUSH', KEYS[2], envelope)
        end
        if unique > 0 and redis.pcall('GET', KEYS[unique]) == ARGV[i + 5] then
            redis.call('DEL', KEYS[unique])
        end
        local ended = tonumber(ARGV[i + 6])
        -- A receipt is not worth a failed finish.
        if ended > 0 then redis.pcall('SET', KEYS[ended], ARGV[i + 7], 'PX', ARGV[i + 8]) end
    end
end

-- Counters are not worth a failed finish: a key of another type in their place is left alone.
if done > 0 then redis.pcall('HINCRBY', KEYS[5], 'done', done) end
if dead > 0 then redis.pcall('HINCRBY', KEYS[5], 'dead', dead) end
if retried > 0 then redis.pcall('HINCRBY', KEYS[5], 'retried', retried) end
return refused
