@testable import JobControl

/// A dispatcher with a double of the daemon behind it, and no socket before it.
struct DispatcherUnderTest: Sendable {
    let service = ServiceDouble()

    /// - Parameter call: what follows the method's name in the frame.
    func answer(
        _ method: String, _ call: String = "", limit: Int = ControlLimits.standardFrame,
        denial: ControlError? = nil
    ) async -> CallDispatcher.Answer {
        await answer(frame: #"{"method":"\#(method)"\#(call)}"#, limit: limit, denial: denial)
    }

    func answer(
        frame: String, limit: Int = ControlLimits.standardFrame, denial: ControlError? = nil
    ) async -> CallDispatcher.Answer {
        let dispatcher = CallDispatcher(
            service: service, identity: ServiceIdentity(version: "1.2.3", url: "https://x.example"),
            frameLimit: limit)
        let frame = Array(frame.utf8)
        do throws(CallDispatcher.Unreadable) {
            return await dispatcher.answer(try dispatcher.read(frame), frame, denial: denial)
        } catch {
            return error.answer
        }
    }
}

extension CallDispatcher.Answer {
    /// The frame without its NUL.
    var text: String { String(decoding: frame.dropLast(), as: UTF8.self) }
}
