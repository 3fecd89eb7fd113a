import Testing

@testable import HTTPServer

@Suite("Which connection makes room")
struct PlacesTests {
    private func places(_ names: String...) -> Places<String> {
        var places = Places<String>()
        for name in names { places.add(name) }
        return places
    }

    @Test("the one that came first, when none was of use since")
    func oldest() {
        var places = places("a", "b", "c")
        #expect(places.leastUseful == "a")
        places.remove("a")
        #expect(places.leastUseful == "b")
        #expect(places.count == 2)
    }

    @Test("one that was answered lately stays longer")
    func useful() {
        var places = places("a", "b", "c")
        places.use("a")
        #expect(places.leastUseful == "b")
        places.use("b")
        #expect(places.leastUseful == "c")
    }

    @Test("to ask is not enough to stay longer, but who waits for the answer is spared")
    func waiting() {
        var places = places("a", "b")
        places.beginWait(of: "a")
        #expect(places.leastUseful == "b")
        places.beginWait(of: "b")
        #expect(places.leastUseful == nil)
        places.use("b")
        #expect(places.leastUseful == "b")
        places.use("a")
        #expect(places.leastUseful == "b")
    }

    @Test("a connection that is gone is not brought back")
    func gone() {
        var places = places("a")
        places.remove("a")
        places.use("a")
        places.beginWait(of: "a")
        #expect(places.count == 0)
    }
}
