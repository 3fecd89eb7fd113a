#if FAILPOINTS
    import JobQueue

    /// Scripts that break a rule, for tests that show that breaking it is noticed.
    enum BrokenScripts {
        /// The finish script as the active fail points make it.
        static func finish(_ source: [UInt8]) -> [UInt8] {
            var text = String(decoding: source, as: UTF8.self)
            if FailPoint.noFence.isActive {
                // Whatever was removed, the outcome counts.
                replace("if redis.call('HDEL', KEYS[1], ARGV[2 + i]) == 1 then", in: &text) {
                    "if redis.call('HDEL', KEYS[1], ARGV[2 + i]) >= 0 then"
                }
                replace("if done < acks then", in: &text) { "done = acks if false then" }
                replace("if redis.call('HDEL', KEYS[1], ARGV[i + 1]) == 0 then", in: &text) {
                    "if redis.call('HDEL', KEYS[1], ARGV[i + 1]) < 0 then"
                }
            }
            if FailPoint.releaseWithoutGuard.isActive {
                replace("if redis.call('HDEL', KEYS[1], ARGV[i + 1]) == 0 then", in: &text) {
                    "if redis.call('HDEL', KEYS[1], ARGV[i + 1]) == 0 and kind ~= 'L' then"
                }
            }
            if FailPoint.noUnlock.isActive {
                replace("if unique > 0 and", in: &text) { "if false and" }
            }
            return Array(text.utf8)
        }

        private static func replace(
            _ rule: String, in text: inout String, by broken: () -> String
        ) {
            precondition(text.contains(rule), "the script has another form now: \(rule)")
            text = text.replacing(rule, with: broken())
        }
    }
#endif
