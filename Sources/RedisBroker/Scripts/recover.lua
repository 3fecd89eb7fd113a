-- Recover: entries of a worker that was declared lost go back to the head of pending, each only if
-- it is still there.
-- Model: transition Recover in Tests/Model/queue.pml
--
-- KEYS[1] active:<worker>  HASH
-- KEYS[2] pending          LIST
-- KEYS[3] totals           HASH  counter `recovered`
-- ARGV    token, envelope to store ('': as it lies), token, envelope, ...: the job to be run first stands last; up
--         to 500 of each
--
-- Returns how many were moved; -1, and nothing is moved, when the worker has an epoch (it is not lost).
if #ARGV % 2 ~= 0 then return redis.error_reply('ERR recover: a token has no envelope') end
if redis.call('HEXISTS', KEYS[1], 'epoch') == 1 then return -1 end
local found = redis.call('TYPE', KEYS[2])['ok']
if found ~= 'list' and found ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' holds a ' .. found .. ', not a list')
end
local tokens, envelopes, seen = {}, {}, {}
for i = 1, #ARGV, 2 do
    local token = ARGV[i]
    if not seen[token] and redis.call('HEXISTS', KEYS[1], token) == 1 then
        seen[token] = true
        tokens[#tokens + 1] = token
        envelopes[#envelopes + 1] =
            ARGV[i + 1] ~= '' and ARGV[i + 1] or redis.call('HGET', KEYS[1], token)
    end
end
if #tokens == 0 then return 0 end
-- A write without effect that Redis allows at maxmemory: it lets the following ones pass, too. Being the
-- later removal's command, it also shows that the user may remove what is copied.
redis.call('HDEL', KEYS[1], '')
redis.call('LPUSH', KEYS[2], unpack(envelopes))
redis.pcall('HINCRBY', KEYS[3], 'recovered', #tokens)
redis.call('HDEL', KEYS[1], unpack(tokens))
return #tokens
