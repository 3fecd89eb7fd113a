/// One method of `io.jobqueue.Control`: its name, what it takes and what it answers, as the interface
/// file has them. Times in the messages are Unix milliseconds.
package protocol ControlMethod {
    associatedtype Parameters: ControlParameters
    associatedtype Reply: Codable & Sendable

    /// Without the interface.
    static var name: String { get }
}

/// What a method takes.
package protocol ControlParameters: Codable, Sendable {
    /// The names of all its fields.
    static var names: [String] { get }
}

/// The interface that jobqueued offers.
package enum ControlInterface {
    package static let name = "io.jobqueue.Control"

    /// The interface's description: the file `io.jobqueue.Control.varlink`.
    package static let description = String(
        decoding: PackageResources.io_jobqueue_Control_varlink, as: UTF8.self)
}

/// A method that takes nothing.
package struct NoParameters: ControlParameters, Equatable {
    package static let names: [String] = []
    package init() {}
}
