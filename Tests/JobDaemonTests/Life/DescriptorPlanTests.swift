import Testing

@testable import JobDaemon

@Suite("How descriptors are shared out")
struct DescriptorPlanTests {
    private func needs(slots: Int = 10, commands: Bool = false) -> DescriptorPlan.Needs {
        DescriptorPlan.Needs(
            open: 3, broker: 3, returning: 3, slots: slots, hasCommands: commands,
            pageClients: 256, controlClients: 32)
    }

    @Test("where there are enough, everybody gets what the settings say, and nothing is told")
    func enough() throws {
        let plan = try DescriptorPlan(limit: 16_384, needs: needs(slots: 1000, commands: true))
        #expect(plan.warnings.isEmpty)
        #expect(plan.commands >= 1000)
        #expect(plan.controlClients == 32)
        #expect(plan.pageClients == 256)
    }

    @Test("where there are few, clients are fewer, and some of each kind are let in")
    func few() throws {
        for limit in 39...300 {
            let plan = try DescriptorPlan(limit: limit, needs: needs())
            #expect(plan.pageClients >= 4)
            #expect(plan.controlClients >= 4)
            #expect(plan.pageClients + plan.controlClients == limit - 31)
            #expect(plan.warnings.count == 1)
            #expect(plan.warnings[0].contains("clients"))
        }
    }

    @Test("clients leave to commands what they need; where that is too little it is told")
    func commands() throws {
        let plan = try DescriptorPlan(limit: 100, needs: needs(slots: 10, commands: true))
        #expect(plan.commands == 10)
        #expect(plan.pageClients + plan.controlClients == 100 - 31 - 44)
        #expect(plan.warnings.count == 1)
        let short = try DescriptorPlan(limit: 100, needs: needs(slots: 100, commands: true))
        #expect(short.warnings.count == 2)
        #expect(short.warnings[0].contains("14 commands at a time"))
        #expect(short.commands == 14)
    }

    @Test("too few for the daemon itself are refused, with the number that would do")
    func refused() throws {
        for (limit, commands) in [(38, false), (46, true), (0, false)] {
            let failure = try #require(throws: StartFailure.self) {
                _ = try DescriptorPlan(limit: limit, needs: needs(commands: commands))
            }
            #expect(failure.code == .configuration)
            #expect(failure.description.contains("at least \(commands ? 47 : 39)"))
            #expect(failure.description.contains("LimitNOFILE="))
        }
    }
}
