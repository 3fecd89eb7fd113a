/// One Redis for all tests that need nothing special of it. Each works on key names of its own.
package enum SharedRedis {
    /// Nobody waits for this task alone: whoever needs the server awaits its value.
    private static let starting = Task { try await RedisServer() }

    /// The server; it ends with the test process.
    package static var server: RedisServer {
        get async throws { try await starting.value }
    }
}
