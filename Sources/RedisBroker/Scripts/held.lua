-- Held: what a lost worker holds, one slice in the order of the claims. Writes nothing.
--
-- KEYS[1] active:<worker>  HASH
-- ARGV[1] how many at most
-- ARGV[2] stop when so many bytes were read
--
-- Returns { token, envelope, token, envelope, ... }
local tokens = {}
for _, field in ipairs(redis.call('HRANDFIELD', KEYS[1], tonumber(ARGV[1]))) do
    if field ~= 'epoch' then tokens[#tokens + 1] = field end
end
table.sort(tokens, function(a, b) return (tonumber(a) or 0) < (tonumber(b) or 0) end)
local reply, bytes = {}, 0
for _, token in ipairs(tokens) do
    local envelope = redis.call('HGET', KEYS[1], token)
    reply[#reply + 1] = token
    reply[#reply + 1] = envelope
    bytes = bytes + #envelope
    if bytes >= tonumber(ARGV[2]) then break end
end
return reply
