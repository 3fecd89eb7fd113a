-- Scan: one slice of a container, for an operator who looks for something. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] pending (LIST), scheduled or dead (ZSET), or active:<worker> (HASH)
-- ARGV[1] oldest or newest first; a hash has no order
-- ARGV[2] where to begin: how many entries to pass over, of a hash a cursor; '' is the first
-- ARGV[3] how many entries to look at, at most
-- ARGV[4] stop when so many bytes were looked at
-- ARGV[5] give at most so many bytes of an entry, its beginning
-- ARGV[6] HASH: what stands before the token in the id that a job has by its first claim
-- ARGV[7...] ids: give only entries that have one of them; none: give all
--
-- Returns { 1 at the end else 0, where the next slice begins,
-- envelope, score or token or '', size of the envelope, envelope, ... }
local kind = redis.call('TYPE', KEYS[1])['ok']
local wanted, limit, cut = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local position, is_newest_first = ARGV[2] == '' and '0' or ARGV[2], ARGV[1] == 'newest'
local ids = {}
for i = 7, #ARGV do ids[ARGV[i]] = true end
local gives_all = #ARGV < 7
local looked, bytes, reply, count = 0, 0, {}, 2

local function is_meant(envelope, at)
    if gives_all or (kind == 'hash' and ids[ARGV[6] .. at]) then return true end
    local first, last = 0, 0
    while true do
        -- Plain text first: a pattern over a large payload takes a hundred times as long.
        first, last = string.find(envelope, '"id"', last + 1, true)
        if not first then return false end
        local id = string.match(envelope, '^%s*:%s*"([%w_-]+)"', last + 1)
        if id and ids[id] then return true end
    end
end

local function look_at(envelope, at)
    looked = looked + 1
    bytes = bytes + #envelope
    if not is_meant(envelope, at) then return end
    reply[count + 1] = #envelope > cut and string.sub(envelope, 1, cut) or envelope
    reply[count + 2] = at
    reply[count + 3] = #envelope
    count = count + 3
end

-- Each looks at up to `take` entries from `position` on, and returns whether they were the last.
local look = {}
function look.none() return true end
-- The newest first: what is claimed or becomes due goes from the other end and moves nothing out of sight, and
-- what comes moves entries back that are then looked at twice.
function look.list(take)
    local offset, found = tonumber(position), nil
    if is_newest_first then
        found = redis.call('LRANGE', KEYS[1], -(offset + take), -(offset + 1))
        for i = #found, 1, -1 do look_at(found[i], '') end
    else
        found = redis.call('LRANGE', KEYS[1], offset, offset + take - 1)
        for i = 1, #found do look_at(found[i], '') end
    end
    position = string.format('%d', offset + #found)
    return #found < take
end
function look.zset(take)
    local offset = tonumber(position)
    local command = is_newest_first and 'ZREVRANGE' or 'ZRANGE'
    local found = redis.call(command, KEYS[1], offset, offset + take - 1, 'WITHSCORES')
    for i = 1, #found, 2 do look_at(found[i], found[i + 1]) end
    position = string.format('%d', offset + #found / 2)
    return #found < 2 * take
end
function look.hash(take)
    local found = redis.call('HSCAN', KEYS[1], position, 'COUNT', take)
    for i = 1, #found[2], 2 do
        if found[2][i] ~= 'epoch' then look_at(found[2][i + 1], found[2][i]) end
    end
    position = found[1]
    return position == '0'
end

if not look[kind] then return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' holds a ' .. kind) end
-- A few at a time: the sizes of those before tell how many of the rest may fit into the limit.
local take, is_end = math.min(wanted, 4), false
while not is_end and looked < wanted and bytes < limit do
    is_end = look[kind](take)
    local fitting = math.max(1, math.floor((limit - bytes) * looked / (bytes + 1)))
    take = math.max(1, math.min(wanted - looked, fitting, 16))
end
reply[1], reply[2] = is_end and 1 or 0, position
return reply
