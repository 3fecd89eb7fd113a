import Testing

@testable import JobControl

@Suite("Choosing jobs, and what became of them")
struct ChangeMessagesTests {
    private func selection(
        ids: [String]? = nil, all: Bool? = nil, type: String? = nil
    ) throws -> ControlSelection {
        var parameters = SelectionParameters(.all(type: type))
        parameters.ids = ids
        parameters.all = all
        return try parameters.selection()
    }

    @Test("ids, all, and all of one type can be asked for")
    func good() throws {
        #expect(try selection(ids: ["a", "b"]) == .ids(["a", "b"]))
        #expect(try selection(ids: ["a"], all: false) == .ids(["a"]))
        #expect(try selection(all: true) == .all(type: nil))
        #expect(try selection(ids: [], all: true, type: "t") == .all(type: "t"))
        let most = (0..<4_000).map { "j\($0)" }
        #expect(try selection(ids: most) == .ids(most))
        #expect(try selection(ids: [String(repeating: "x", count: 64)]) != .all(type: nil))
    }

    @Test(
        "what names nothing, or two things at once, is refused and never taken for all",
        arguments: [
            (nil, nil, nil, "ids"), ([], nil, nil, "ids"), ([], false, nil, "ids"),
            (nil, false, "t", "ids"), (nil, nil, "t", "ids"), (["a"], true, nil, "ids"),
            (["a"], nil, "t", "type"), ([""], nil, nil, "ids"),
            ([String(repeating: "x", count: 65)], nil, nil, "ids"),
            (Array(repeating: "x", count: 4_001), nil, nil, "ids"),
        ] as [([String]?, Bool?, String?, String)])
    func bad(ids: [String]?, all: Bool?, type: String?, name: String) {
        #expect(throws: ControlError.invalidParameter(name)) {
            try selection(ids: ids, all: all, type: type)
        }
    }

    @Test(
        "a selection is the same after its way over the wire",
        arguments: [
            ControlSelection.ids(["a", "b"]), .all(type: nil), .all(type: "t"),
        ])
    func roundTrip(selection: ControlSelection) throws {
        let bytes = try WireJSON.encode(SelectionParameters(selection))
        let back = try WireJSON.decode(SelectionParameters.self, from: bytes)
        #expect(try back.selection() == selection)
    }

    @Test("many ids are asked for in several calls, all of them once")
    func parts() {
        let ids = (0..<9).map(String.init)
        #expect(
            ControlSelection.ids(ids).parts(of: 4)
                == [.ids(["0", "1", "2", "3"]), .ids(["4", "5", "6", "7"]), .ids(["8"])])
        #expect(ControlSelection.ids(["a"]).parts(of: 4) == [.ids(["a"])])
        #expect(ControlSelection.all(type: "t").parts(of: 4) == [.all(type: "t")])
    }

    @Test("ids that were asked for and are in neither list are missing")
    func missing() {
        let change = ControlChange(
            changed: ["a"], unchanged: [.init(id: "b", reason: "it runs")],
            of: .ids(["a", "b", "c", "d"]))
        #expect(change.count == 1)
        #expect(change.missing == ["c", "d"])
        #expect(ControlChange(changed: ["a"], unchanged: [], of: .all(type: nil)).missing.isEmpty)
    }

    @Test("the answer about very many jobs still fits into a frame, and counts them all")
    func manyFit() throws {
        let ids = (0..<20_000).map { number in
            let digits = "\(number)"
            return String(repeating: "j", count: 64 - digits.count) + digits
        }
        let reason = String(repeating: "r", count: 10_000)
        let change = ControlChange(
            changed: ids, unchanged: ids.map { .init(id: $0, reason: reason) },
            of: .ids(ids.map { "x" + $0.dropFirst() }.suffix(4_000)))
        #expect(change.count == 20_000)
        #expect(change.changed.count == 4_000 && change.unchanged.count == 4_000)
        let frame = VarlinkFrame.reply(change, limit: ControlLimits.standardFrame)
        #expect(frame.starts(with: #"{"parameters""#.utf8))
    }

    @Test("what several calls did is added up")
    func sum() {
        var total = ControlChange(changed: ["a"], unchanged: [], of: .ids(["a", "b"]))
        total.add(
            ControlChange(
                changed: ["c"], unchanged: [.init(id: "d", reason: "r")], of: .ids(["c", "d"])))
        #expect(total.count == 2 && total.changed == ["a", "c"])
        #expect(total.unchanged.map(\.id) == ["d"] && total.missing == ["b"])
    }
}
