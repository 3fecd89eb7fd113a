import HTTPServer
import JobQueue
import RedisBroker
import SQLiteBroker

/// One thing that can be set, and what is allowed.
struct Setting: Sendable {
    /// Its place in the configuration file.
    let section: String
    let key: String
    /// `nil`: it has none of its own, or is a switch.
    var flag: String?
    /// A flag without a value, which stands for yes.
    var switchFlag: String?
    var environment: String?
    /// What stands for the value in `--help`.
    var placeholder = ""
    var help = ""
    /// Checks the value and sets it.
    let apply: @Sendable (_ text: String, _ options: inout DaemonOptions) throws(ValueError) -> Void
    /// The value as it would be written. Never a password.
    let show: @Sendable (DaemonOptions) -> String

    var name: String { "\(section).\(key)" }
}

extension Setting {
    /// A setting whose value is read and shown by itself.
    static func value<Value>(
        _ section: String, _ key: String, _ flag: String? = nil, _ environment: String? = nil,
        placeholder: String = "", help: String = "",
        _ path: any WritableKeyPath<DaemonOptions, Value> & Sendable,
        read: @escaping @Sendable (String) throws(ValueError) -> Value,
        show: @escaping @Sendable (Value) -> String
    ) -> Setting {
        Setting(
            section: section, key: key, flag: flag, environment: environment,
            placeholder: placeholder, help: help,
            apply: { text, options throws(ValueError) in options[keyPath: path] = try read(text) },
            show: { show($0[keyPath: path]) })
    }

    static func span(
        _ section: String, _ key: String, _ flag: String? = nil, _ environment: String? = nil,
        help: String = "", _ range: ClosedRange<Duration>,
        _ path: any WritableKeyPath<DaemonOptions, Duration> & Sendable
    ) -> Setting {
        value(
            section, key, flag, environment, placeholder: "SPAN", help: help, path,
            read: { text throws(ValueError) in try ValueReading.span(text, range) },
            show: \.spanText)
    }
}
