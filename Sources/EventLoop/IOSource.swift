import CLinux
import CSystemd
import Glibc

/// What a descriptor is ready for, or is asked about.
package struct IOEvents: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = IOEvents(rawValue: UInt32(EPOLLIN.rawValue))
    package static let writable = IOEvents(rawValue: UInt32(EPOLLOUT.rawValue))
    /// The other side is gone. Reported whether asked for or not.
    package static let hangUp = IOEvents(rawValue: UInt32(EPOLLHUP.rawValue))
    /// Reported whether asked for or not.
    package static let failure = IOEvents(rawValue: UInt32(EPOLLERR.rawValue))

    /// A read would not wait: there are bytes, or the end, or a failure to be told.
    package var callForReading: Bool { !isDisjoint(with: [.readable, .hangUp, .failure]) }
}

/// A descriptor that the loop watches. Owns its `sd_event_source`, not the descriptor; dropping it
/// ends the watch. Lives on the loop.
///
/// Drop it before the descriptor is closed. Closing alone does not end the watch while a process that
/// is just being started still has a copy, and sd-event then aborts over an event of nobody's; and the
/// number may be another descriptor's already, whose watch would end. So it is dropped on the loop's
/// thread too: an actor that owns one has an `isolated deinit` that sets it to `nil` before it closes.
package struct IOSource: ~Copyable {
    private let source: OpaquePointer
    private let handler: HandlerBox<IOEvents>
    private let loop: EventLoop

    /// Watches `descriptor` for `events`; `handler` runs on the loop's thread with what is ready.
    package init(
        loop: EventLoop, descriptor: Int32, events: IOEvents,
        handler: @escaping (IOEvents) -> Void
    ) throws(EventLoopError) {
        loop.preconditionIsolated()
        let box = HandlerBox(handler)
        var source: OpaquePointer?
        let code = sd_event_add_io(
            loop.event, &source, descriptor, events.rawValue,
            { _, _, ready, context in
                HandlerBox<IOEvents>.call(context, IOEvents(rawValue: ready))
                return 0
            }, box.pointer)
        guard code >= 0, let source else {
            throw .addSource(kind: "descriptor \(descriptor)", errno: -code)
        }
        self.source = source
        self.handler = box
        self.loop = loop
    }

    deinit {
        precondition(
            loop.mayBeTouched,
            "a watch was dropped off its loop: its owner needs an isolated deinit")
        sd_event_source_disable_unref(source)
    }

    /// Changes what is asked for. Asking for what is already watched costs no system call.
    package func watch(_ events: IOEvents) throws(EventLoopError) {
        let code = sd_event_source_set_io_events(source, events.rawValue)
        guard code >= 0 else { throw .changeSource(kind: "a descriptor", errno: -code) }
    }
}
