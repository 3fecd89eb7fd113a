import CSystemd
import Glibc

/// A signal that arrives as an event. The signal must be blocked in every thread, so block it before
/// the first other thread starts. Lives on the loop; dropping it ends the watch.
package struct SignalSource: ~Copyable {
    private let source: OpaquePointer
    private let handler: HandlerBox<Void>
    private let loop: EventLoop

    /// Calls `handler` on the loop's thread each time `signal` arrives.
    package init(
        loop: EventLoop, signal: Int32, handler: @escaping () -> Void
    ) throws(EventLoopError) {
        loop.preconditionIsolated()
        let box = HandlerBox<Void>(handler)
        var source: OpaquePointer?
        let code = sd_event_add_signal(
            loop.event, &source, signal,
            { _, _, context in
                HandlerBox<Void>.call(context, ())
                return 0
            }, box.pointer)
        guard code >= 0, let source else {
            throw .addSource(kind: "signal \(signal)", errno: -code)
        }
        self.source = source
        self.handler = box
        self.loop = loop
    }

    deinit { loop.discard(DiscardedSource(source: source, handler: handler)) }
}
