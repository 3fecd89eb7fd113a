import CLinux
import Glibc

/// A thread of its own for what must block: neither the event loop nor Swift's shared pool waits.
package enum BackgroundThread {
    /// Runs `body` on a new thread, which ends with it.
    ///
    /// - Parameter name: as `top -H` shows it; 15 bytes are kept.
    package static func start(
        named name: String, _ body: @escaping @Sendable () -> Void
    ) throws(BackgroundThreadError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                clinux_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw BackgroundThreadError(name: name, errno: code)
        }
        pthread_detach(thread)
    }

    /// Has `body` done on a new thread, and waits for it without a thread of the caller.
    package static func perform<Result: Sendable>(
        named name: String, _ body: @escaping @Sendable () -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try start(named: name) { continuation.resume(returning: body()) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}

/// No further thread: the limit of the unit or of the user is reached.
package struct BackgroundThreadError: Error, Equatable, CustomStringConvertible {
    package let name: String
    package let errno: Int32

    package var description: String {
        "cannot start the thread \(name): \(String(cString: strerror(errno))); is TasksMax=, "
            + "LimitNPROC= or LimitAS= of the unit too low?"
    }
}
