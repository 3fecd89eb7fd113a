@testable import JobDaemon

/// Reads no configuration, and answers as it is told.
struct ReaderDouble: ConfigurationReader {
    let result: Reloader.Result

    func reload(askedBy who: String) async -> Reloader.Result { result }
    func check() async -> Reloader.Result { result }
}
