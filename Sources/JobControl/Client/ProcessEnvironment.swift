import FoundationEssentials

extension ControlTool {
    /// The environment of this process.
    package static var environment: [String: String] { ProcessInfo.processInfo.environment }
}
