import Redis
import Testing

@Suite("Redis addresses")
struct RedisAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let place: RedisAddress.Place
        var user: String?
        var password: String?
        var database = 0
        let shown: String
        var testDescription: String { text }
    }

    private static let longestName = String(repeating: "x", count: 106)

    static let good: [Case] = [
        Case(
            text: "localhost", place: .tcp(host: "localhost", port: 6379), shown: "localhost:6379"),
        Case(
            text: "localhost:6379", place: .tcp(host: "localhost", port: 6379),
            shown: "localhost:6379"),
        Case(text: "10.0.0.7:1", place: .tcp(host: "10.0.0.7", port: 1), shown: "10.0.0.7:1"),
        Case(
            text: "a-b.c_d:65535", place: .tcp(host: "a-b.c_d", port: 65_535),
            shown: "a-b.c_d:65535"),
        Case(text: "[::1]", place: .tcp(host: "::1", port: 6379), shown: "[::1]:6379"),
        Case(
            text: "[fe80::1%eth0]:7000", place: .tcp(host: "fe80::1%eth0", port: 7000),
            shown: "[fe80::1%eth0]:7000"),
        Case(text: "redis://h", place: .tcp(host: "h", port: 6379), shown: "h:6379"),
        Case(text: "redis://h:7000/", place: .tcp(host: "h", port: 7000), shown: "h:7000"),
        Case(
            text: "redis://h/15", place: .tcp(host: "h", port: 6379), database: 15,
            shown: "h:6379/15"),
        Case(
            text: "redis://[::1]:7000/2", place: .tcp(host: "::1", port: 7000), database: 2,
            shown: "[::1]:7000/2"),
        Case(
            text: "redis://u:p@h:7000/3", place: .tcp(host: "h", port: 7000), user: "u",
            password: "p", database: 3, shown: "h:7000/3"),
        Case(
            text: "redis://:p@h", place: .tcp(host: "h", port: 6379), password: "p", shown: "h:6379"
        ),
        Case(text: "redis://u@h", place: .tcp(host: "h", port: 6379), user: "u", shown: "h:6379"),
        Case(
            text: "redis://:a:b@h", place: .tcp(host: "h", port: 6379), password: "a:b",
            shown: "h:6379"),
        Case(
            text: "redis://:a@b/c@h/1", place: .tcp(host: "h", port: 6379), password: "a@b/c",
            database: 1, shown: "h:6379/1"),
        Case(
            text: "redis://%75:%40%3a%2F%c3%A4@h", place: .tcp(host: "h", port: 6379), user: "u",
            password: "@:/ä", shown: "h:6379"),
        Case(
            text: "redis://[fe80::1%25eth0]:7000", place: .tcp(host: "fe80::1%eth0", port: 7000),
            shown: "[fe80::1%eth0]:7000"),
        Case(
            text: "unix:/r.sock?db=3&user=b%20b", place: .unix(path: "/r.sock"), user: "b b",
            database: 3, shown: "unix:/r.sock?db=3"),
        Case(
            text: "unix://bob:b%3Ab@/r.sock?db=1", place: .unix(path: "/r.sock"), user: "bob",
            password: "b:b", database: 1, shown: "unix:/r.sock?db=1"),
        Case(
            text: "unix://:pw@/r.sock", place: .unix(path: "/r.sock"), password: "pw",
            shown: "unix:/r.sock"),
        Case(
            text: "unix:///run/r.sock?user=bob", place: .unix(path: "/run/r.sock"), user: "bob",
            shown: "unix:/run/r.sock"),
        Case(
            text: "unix:/" + longestName, place: .unix(path: "/" + longestName),
            shown: "unix:/" + longestName),
        Case(
            text: "unix:/run/redis/redis.sock", place: .unix(path: "/run/redis/redis.sock"),
            shown: "unix:/run/redis/redis.sock"),
    ]

    @Test("an address is read as it is meant", arguments: good)
    func reads(good: Case) throws {
        let address = try RedisAddress(parsing: good.text)
        #expect(address.place == good.place)
        #expect(address.user == good.user)
        #expect(address.password == good.password)
        #expect(address.database == good.database)
        #expect(address.displayName == good.shown)
    }

    @Test(
        "what is no address is refused, and it is told how one looks",
        arguments: [
            "", " ", ":6379", "h:", "h:0", "h:65536", "h:-1", "h:+1", "h:x", "h: 1", "h 1:2",
            "h\n:1",
            "::1", "::1:6379", "[::1", "[::1]x", "[::1]:", "[h]:1", "h:1:2", "a,b:1", "a/b",
            "h?db=1",
            "rediss://h", "http://h", "redis://", "redis://h/x", "redis://h/-1", "redis://h/+1",
            "redis://h/65536", "redis://h/1/2", "unix:", "unix:redis.sock", "unix://redis.sock",
            "unix:/x" + longestName, "redis+unix:///run/redis.sock",
        ])
    func refuses(text: String) {
        let error = #expect(throws: RedisError.self) { try RedisAddress(parsing: text) }
        #expect(error?.description.contains("'\(text)' is not a Redis address") == true)
        #expect(error?.description.contains("use host:port") == true)
    }

    @Test(
        "behind a socket's path only a database and a user can stand",
        arguments: ["db=x", "db=-1", "db=65536", "db", "user=%zz", "password=hunter2", "x=1"])
    func unixQuery(query: String) {
        let error = #expect(throws: RedisError.self) {
            try RedisAddress(parsing: "unix:/r.sock?\(query)")
        }
        #expect(error?.description.contains("'unix:/r.sock?…' is not a Redis address") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(
        "no text about an address shows its password",
        arguments: [
            "u:hunter2@h", "hunter2@h", "redis://u:hunter2@h:x", "redis://:hunter2%zz@h",
            "redis://:hunter2%+5@h", "redis://:hunter2%@h", "redis://:hunter2%ff@h",
            "rediss://:hunter2@h", "redis://u:hunter2@", "redis://u:hunter2@h/x",
            "unix://u:hunter2@h", "unix://:hunter2%@/r.sock",
        ])
    func secretsInErrors(text: String) {
        let error = #expect(throws: RedisError.self) { try RedisAddress(parsing: text) }
        for shown in [error.map { "\($0)" }, error.map { String(reflecting: $0) }] {
            #expect(shown?.contains("hunter2") == false)
        }
    }

    @Test("however an address is printed, user and password are not in it")
    func secrets() throws {
        let address = try RedisAddress(parsing: "redis://bob:hunter2@h:7000/1")
        var dumped = ""
        dump(address, to: &dumped)
        dump([address], to: &dumped)
        let texts = [
            "\(address)", String(reflecting: address), "\([address])",
            "\(Optional(address) as Any)", dumped,
        ]
        for text in texts {
            #expect(text.contains("h:7000/1"))
            #expect(!text.contains("hunter2") && !text.contains("bob"))
        }
    }
}
