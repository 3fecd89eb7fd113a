#if FAILPOINTS
    import Glibc
    import JobQueue

    /// Reads `JQ_FAILPOINT`, in which a test names the fail points of a debug build, with commas between.
    enum FailPointSwitch {
        static func activate(_ environment: [String: String]) throws(StartFailure) {
            guard let text = environment["JQ_FAILPOINT"] else { return }
            var points: Set<FailPoint> = []
            for name in text.split(separator: ",") {
                guard let point = FailPoint(rawValue: String(name)) else {
                    throw StartFailure(.configuration, "JQ_FAILPOINT: there is no \(name)")
                }
                points.insert(point)
            }
            FailPoint.activate(points) { kill(getpid(), SIGKILL) }
        }
    }
#endif
