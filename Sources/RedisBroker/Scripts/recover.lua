-- Recover: entries of a worker that was declared lost go back to the head of pending, each only if
-- it is still there.
-- Model: transition Recover in Tests/Model/queue.pml
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] pending          LIST
-- KEYS[3] totals           HASH  counter `recovered`
-- ARGV    token, envelope to store, token, envelope, ...: the job to be run first stands last
--
-- Returns how many were moved; -1, and nothing is moved, when the worker has an epoch (it is not lost).
if redis.call('HEXISTS', KEYS[1], 'epoch') == 1 then return -1 end
local found = redis.call('TYPE', KEYS[2])['ok']
if found ~= 'list' and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' holds a ' .. found .. ', not a list')
end
local moved = 0
for i = 1, #ARGV, 2 do
    if redis.call('HDEL', KEYS[1], ARGV[i]) == 1 then
        redis.call('LPUSH', KEYS[2], ARGV[i + 1])
        moved = moved + 1
    end
end
if moved > 0 then redis.pcall('HINCRBY', KEYS[3], 'recovered', moved) end
return moved
