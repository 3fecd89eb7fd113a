import JobQueue
import Testing

@Suite struct UUIDv7Tests {
    @Test("a new id is the version 7 UUID of its time")
    func example() {
        // The example of RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC, rand_a CC3,
        // rand_b 018C4DC0C0C07398F.
        let id = JobID.uuidV7(
            unixMilliseconds: 1_645_557_742_000, random: (0xCC3, 0x18C4_DC0C_0C07_398F << 2))
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test("version and variant stand, whatever the time and the random bits are")
    func layout() {
        let none = JobID.uuidV7(unixMilliseconds: 0, random: (0, 0))
        #expect(none.description == "00000000-0000-7000-8000-000000000000")
        let all = JobID.uuidV7(unixMilliseconds: (1 << 48) - 1, random: (.max, .max))
        #expect(all.description == "ffffffff-ffff-7fff-bfff-ffffffffffff")
        #expect(JobID.uuidV7(unixMilliseconds: .max, random: (.max, .max)) == all)
        #expect(JobID.uuidV7(unixMilliseconds: .min, random: (0, 0)) == none)
    }

    @Test("ids made later sort later, and each is an id")
    func order() {
        var random = SeededGenerator(seed: 41)
        var last = ""
        for time in stride(from: Int64(1_700_000_000_000), to: 1_900_000_000_000, by: 199_999_999) {
            let id = JobID.uuidV7(unixMilliseconds: time, random: (random.next(), random.next()))
            #expect(id.description > last)
            #expect(JobID(id.description) == id)
            last = id.description
        }
    }
}
