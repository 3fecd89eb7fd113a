import CSystemd

/// Carries a Swift closure through C's `void *`. The source that owns the box outlives each call,
/// except when the closure drops its own source: `call` keeps the box alive for that long.
final class HandlerBox<Value> {
    private let handler: (Value) -> Void

    init(_ handler: @escaping (Value) -> Void) { self.handler = handler }

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func call(_ context: UnsafeMutableRawPointer?, _ value: Value) {
        guard let context else { return }
        let box = Unmanaged<HandlerBox<Value>>.fromOpaque(context).takeUnretainedValue()
        withExtendedLifetime(box) { box.handler(value) }
    }
}

/// A source that has lost its owner, with the handler that it may call until it is freed.
///
/// `@unchecked Sendable`: it changes threads once, from its owner's to the loop's, and only the
/// latter uses it.
struct DiscardedSource: @unchecked Sendable {
    let source: OpaquePointer
    let handler: AnyObject

    func free() { sd_event_source_disable_unref(source) }
}
