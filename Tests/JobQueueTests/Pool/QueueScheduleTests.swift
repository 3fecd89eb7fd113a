import JobQueue
import Testing

@Suite("The order of queues")
struct QueueScheduleTests {
    private func weights(_ schedule: QueueSchedule) -> [String] {
        schedule.entries.map { "\($0.queue):\($0.weight)" }
    }

    @Test(
        "names alone are a strict order",
        arguments: ["a,b,c", "a b c", " a, b,,c ", "a,b c"])
    func strict(text: String) throws {
        let schedule = try QueueSchedule(parsing: text)
        #expect(!schedule.isWeighted)
        #expect(schedule.queues.map(\.description) == ["a", "b", "c"])
        #expect(schedule == QueueSchedule(strict: schedule.queues))
    }

    @Test("numbers are weights, and a queue without one has 1")
    func weighted() throws {
        let schedule = try QueueSchedule(parsing: "critical:6,default:3 low")
        #expect(schedule.isWeighted)
        #expect(weights(schedule) == ["critical:6", "default:3", "low:1"])
        #expect(schedule == QueueSchedule(weighted: schedule.entries))
        #expect(try weights(QueueSchedule(parsing: "a:1000")) == ["a:1000"])
    }

    @Test(
        "a list that cannot be used says what is wrong with it",
        arguments: [
            ("", "name at least one queue"), (" , ", "name at least one queue"),
            ("a,a", "queue a is named twice"), ("a:2,a:3", "queue a is named twice"),
            ("a:0", "the weight of queue a must be 1 to 1000"),
            ("a:1001", "the weight of queue a must be 1 to 1000"),
            ("a:-1", "the weight of queue a must be 1 to 1000"),
            ("a:", "the weight of queue a must be 1 to 1000"),
            ("a:x", "the weight of queue a must be 1 to 1000"),
            ("a:1:2", "the weight of queue a must be 1 to 1000"),
            ("a:99999999999999999999", "the weight of queue a must be 1 to 1000"),
            ("Upper", "'Upper' is no name of a queue"), (":3", "'' is no name of a queue"),
            ("a,{b}", "'{b}' is no name of a queue"), ("a;b", "'a;b' is no name of a queue"),
        ])
    func errors(text: String, reason: String) {
        let error = #expect(throws: QueueScheduleError.self) { try QueueSchedule(parsing: text) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }

    @Test("in strict order the first queue that may have jobs is asked, whatever the chance")
    func pickStrict() throws {
        let schedule = try QueueSchedule(parsing: "a,b,c")
        for share in [0, 0.5, 0.999] {
            #expect(schedule.pick(share: share) { _ in true } == 0)
            #expect(schedule.pick(share: share) { $0 > 0 } == 1)
            #expect(schedule.pick(share: share) { $0 == 2 } == 2)
            #expect(schedule.pick(share: share) { _ in false } == nil)
        }
    }

    @Test("by weight each queue is asked as often as its weight says")
    func pickWeighted() throws {
        let schedule = try QueueSchedule(parsing: "critical:6,default:3,low:1")
        let random = RandomSource.seeded(42)
        var counts = [0, 0, 0]
        for _ in 0..<10_000 {
            let index = try #require(schedule.pick(share: random.share) { _ in true })
            counts[index] += 1
        }
        #expect((5_850...6_150).contains(counts[0]), "\(counts)")
        #expect((2_850...3_150).contains(counts[1]), "\(counts)")
        #expect((900...1_100).contains(counts[2]), "\(counts)")
    }

    @Test("the weight of a queue that has nothing is shared by the others")
    func pickAmongReady() throws {
        let schedule = try QueueSchedule(parsing: "critical:98,default:1,low:1")
        let random = RandomSource.seeded(43)
        var counts = [0, 0, 0]
        for _ in 0..<10_000 {
            let index = try #require(schedule.pick(share: random.share) { $0 != 0 })
            counts[index] += 1
        }
        #expect(counts[0] == 0)
        #expect((4_800...5_200).contains(counts[1]), "\(counts)")
    }

    @Test("the ends of chance pick the ends of the list")
    func pickEnds() throws {
        let schedule = try QueueSchedule(parsing: "a:1,b:1000,c:1")
        #expect(schedule.pick(share: 0) { _ in true } == 0)
        #expect(schedule.pick(share: 1.0.nextDown) { _ in true } == 2)
        #expect(schedule.pick(share: 1.0.nextDown) { $0 < 2 } == 1)
        #expect(schedule.pick(share: 0.3) { _ in false } == nil)
    }
}
