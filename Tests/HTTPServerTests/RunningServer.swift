import EventLoop
import HTTPServer

/// Runs `body` beside a server on a loop of its own and a free port of the loopback.
///
/// `@concurrent`, so that `body` is not left on the loop's thread after it has called the server: its
/// clients block.
func withServer<Result: Sendable>(
    limits: HTTPServerLimits = .patient,
    handler: @escaping HTTPServer.Handler = { .echo($0) },
    _ body: @Sendable @concurrent (HTTPServer) async throws -> Result
) async throws -> Result {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let listener = try HTTPListener(address: ListenAddress("127.0.0.1:0"))
    let server = HTTPServer(loop: loop, listener: listener, limits: limits, handler: handler)
    try await server.start()
    do {
        let result = try await body(server)
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}

extension HTTPServerLimits {
    /// A busy machine is no reason to be closed.
    static var patient: HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.idle = .seconds(60)
        limits.handler = .seconds(60)
        return limits
    }
}

extension HTTPResponse {
    /// Says which path was asked for.
    static func echo(_ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(status: 200, text: request.path)
    }
}
