-- Held: what a lost worker holds under some of its tokens. Writes nothing.
-- Model: none, it only reads
--
-- KEYS[1] active:<worker>  HASH
-- ARGV[1] stop when so many bytes were read
-- ARGV[2] of an envelope with more bytes than this the answer has { its first ARGV[3] bytes, its size, its SHA-1 }
-- ARGV[3]
-- ARGV[4...] tokens
--
-- Returns { envelope, envelope, ... } in the order of the tokens, nothing for those that are not there
-- any more; fewer than tokens when they were too large.
local reply, bytes = {}, 0
local longest, beginning = tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 4, #ARGV do
    local envelope = redis.call('HGET', KEYS[1], ARGV[i])
    if envelope then bytes = bytes + #envelope end
    if envelope and #envelope > longest then
        envelope = { string.sub(envelope, 1, beginning), #envelope, redis.sha1hex(envelope) }
    end
    reply[#reply + 1] = envelope
    if bytes >= tonumber(ARGV[1]) then break end
end
return reply
