-- Held: what a lost worker holds under some of its tokens. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] active:<worker>  HASH
-- ARGV[1] stop when so many bytes were read
-- ARGV[2...] tokens
--
-- Returns { envelope, envelope, ... } in the order of the tokens, nothing for those that are not there
-- any more; fewer than tokens when they were too large.
local reply, bytes = {}, 0
for i = 2, #ARGV do
    local envelope = redis.call('HGET', KEYS[1], ARGV[i])
    reply[#reply + 1] = envelope
    if envelope then bytes = bytes + #envelope end
    if bytes >= tonumber(ARGV[1]) then break end
end
return reply
