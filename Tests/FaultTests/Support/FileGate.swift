import TestSupport

/// What jobs of the tests' daemon wait at: a file that is not there until the test opens the gate.
struct FileGate {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    var path: String { directory.file("open") }

    func open() throws { try directory.write("", to: "open") }

    /// The payload of a job that says that it has started, and waits here; it stops when cancelled.
    var wait: String { #"{"says_start":true,"until":"\#(path)"}"# }

    /// The same, holding its thread whatever anybody says.
    ///
    /// - Parameter attempts: in how many of its attempts it waits.
    func block(attempts: Int = .max) -> String {
        #"{"says_start":true,"stubborn_until":"\#(path)","stubborn_attempts":\#(attempts)}"#
    }
}
