#if FAILPOINTS
    import JobQueue

    /// Scripts that break a rule, for tests that show that breaking it is noticed.
    enum BrokenScripts {
        /// The finish script as the active fail points make it.
        static func finish(_ source: [UInt8]) -> [UInt8] {
            var text = String(decoding: source, as: UTF8.self)
            if FailPoint.noFence.isActive {
                // Whatever was removed, the outcome counts.
                replace("if not seen[token] and redis.call('HEXISTS'", in: &text) {
                    "if true or redis.call('HEXISTS'"
                }
                replace("if all_stand and removed <", in: &text) { "if false and removed <" }
                replace("if seen[token] or redis.call('HEXISTS'", in: &text) {
                    "if false and redis.call('HEXISTS'"
                }
            }
            if FailPoint.releaseWithoutGuard.isActive {
                replace("if seen[token] or redis.call('HEXISTS'", in: &text) {
                    "if ARGV[i] ~= 'L' and redis.call('HEXISTS'"
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
