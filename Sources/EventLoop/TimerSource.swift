import CSystemd
import Glibc

/// A timer on the loop that can be set again and again. Owns its `sd_event_source`; dropping it ends
/// it. Lives on the loop.
///
/// It counts the time that the machine sleeps, as all that is compared with it does: after a suspend a
/// deadline that has passed meanwhile fires at once.
package struct TimerSource: ~Copyable {
    private let source: OpaquePointer
    private let handler: HandlerBox<Void>
    private let loop: EventLoop

    /// Makes a timer that is not set. `handler` runs once on the loop's thread for each `set`.
    package init(loop: EventLoop, handler: @escaping () -> Void) throws(EventLoopError) {
        loop.preconditionIsolated()
        let box = HandlerBox<Void>(handler)
        var source: OpaquePointer?
        let code = sd_event_add_time(
            loop.event, &source, CLOCK_BOOTTIME, UInt64.max, Self.accuracy,
            { _, _, context in
                HandlerBox<Void>.call(context, ())
                return 0
            }, box.pointer)
        guard code >= 0, let source else { throw .addSource(kind: "a timer", errno: -code) }
        self.source = source
        self.handler = box
        self.loop = loop
        // A new time source is enabled, for a time that never comes: as good as not set.
    }

    deinit { loop.discard(DiscardedSource(source: source, handler: handler)) }

    /// Fires once, `delay` from now; replaces what was set before. At least as late as asked.
    package func set(after delay: Duration) throws(EventLoopError) {
        // Not sd_event_source_set_time_relative: it counts from the time at which the loop last woke,
        // so that a timer which is set late in a long tick would fire early.
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let microseconds = UInt64(now.tv_sec) * 1_000_000 + UInt64((now.tv_nsec + 999) / 1_000)
        let code = sd_event_source_set_time(source, microseconds + delay.wholeMicroseconds)
        guard code >= 0 else { throw .changeSource(kind: "a timer", errno: -code) }
        try setEnabled(SD_EVENT_ONESHOT)
    }

    /// Takes back what was set.
    package func cancel() throws(EventLoopError) {
        try setEnabled(SD_EVENT_OFF)
    }

    private func setEnabled(_ value: Int) throws(EventLoopError) {
        let code = sd_event_source_set_enabled(source, Int32(value))
        guard code >= 0 else { throw .changeSource(kind: "a timer", errno: -code) }
    }

    /// How much later than asked sd-event may fire, in microseconds.
    private static let accuracy: UInt64 = 500
}

extension Duration {
    /// Rounded up, so that a timer never fires early; 0 for a negative duration, capped at a year.
    fileprivate var wholeMicroseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = min(self, .seconds(31_536_000)).components
        return UInt64(seconds) * 1_000_000 + UInt64(attoseconds / 1_000_000_000_000) + 1
    }
}
