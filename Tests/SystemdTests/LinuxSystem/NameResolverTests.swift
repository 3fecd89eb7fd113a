import LinuxSystem
import TestSupport
import Testing

@Suite("Finding the addresses of a host")
struct NameResolverTests {
    @Test("a numeric address is its own answer", arguments: ["127.0.0.1", "::1", "192.0.2.7"])
    func numeric(address: String) async throws {
        #expect(try await NameResolver.addresses(of: address) == [address])
    }

    @Test("this machine is found by name, also while Swift's shared pool is blocked")
    func localhost() async {
        await #expect(processExitsWith: .success) {
            try await withEventLoop { _ in
                try await withSharedPoolBlocked {
                    let addresses = try await NameResolver.addresses(of: "localhost")
                    #expect(addresses.contains("127.0.0.1") || addresses.contains("::1"))
                }
            }
        }
    }

    @Test("a name that does not exist is an error that names it", arguments: ["no such host", ""])
    func unknown(name: String) async throws {
        let error = await #expect(throws: NameResolverError.self) {
            try await NameResolver.addresses(of: name)
        }
        #expect(error.map { "\($0)".hasPrefix("cannot resolve \(name): ") } == true)
    }

    @Test("who is cancelled does not wait for the name server")
    func cancelled() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await NameResolver.addresses(of: "localhost")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
