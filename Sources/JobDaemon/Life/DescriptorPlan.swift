import HTTPServer
import JobControl
import LinuxSystem

/// How the descriptors of this process are shared out: commands come before clients, and what the broker
/// and the daemon itself need is nobody else's.
struct DescriptorPlan: Sendable, Equatable {
    /// What the settings ask for.
    struct Needs: Equatable {
        /// Open already: the standard streams, sockets that were passed, and what was left open by the
        /// program that started this one.
        var open: Int
        /// Connections to the broker, or its files.
        var broker: Int
        /// So many of them are closed and opened again while the daemon works.
        var returning: Int
        var slots: Int
        /// Whether there are commands as handlers.
        var hasCommands: Bool
        var pageClients = HTTPServerLimits().connections
        var controlClients = ControlLimits().clients + ControlLimits().waiters
    }

    /// How many commands run at a time.
    let commands: Int
    let controlClients: Int
    let pageClients: Int
    /// What is less than the settings ask for.
    let warnings: [String]

    /// The event loop, timers, signals, the log, the lock, both listeners, libmicrohttpd, Swift's runtime.
    static let own = 16
    /// What is open for a moment: a file, `/proc`, a resolver's socket, the service manager's.
    static let passing = 6
    /// Three streams and the process itself.
    static let command = 4
    /// While a command is started it holds the other ends of its streams too.
    static let starting = 4
    /// So many clients of the pages are let in however low the limit is, and of the control socket.
    static let fewestClients = 4

    /// - Parameter limit: The soft limit, after it was raised.
    init(limit: Int, needs: Needs) throws(StartFailure) {
        let vital = needs.open + Self.own + needs.broker + needs.returning + Self.passing
        let fewest =
            vital + 2 * Self.fewestClients + (needs.hasCommands ? Self.command + Self.starting : 0)
        guard limit >= fewest else {
            throw StartFailure(
                .configuration,
                "this process may have \(limit) descriptors open, and needs at least \(fewest): "
                    + "\(needs.open) are open already, \(needs.broker) are for the broker; raise "
                    + "LimitNOFILE= of the unit, or ulimit -Hn")
        }
        let allClients = needs.pageClients + needs.controlClients
        let allCommands = needs.slots * Self.command + Self.starting
        let left = limit - vital
        let forCommands =
            needs.hasCommands ? min(allCommands, left - 2 * Self.fewestClients) : 0
        let clients = min(allClients, left - forCommands)
        let wanted = vital + allClients + (needs.hasCommands ? allCommands : 0)
        var warnings: [String] = []
        if needs.hasCommands, forCommands < allCommands {
            warnings.append(
                "\(limit) descriptors are enough for "
                    + "\((forCommands - Self.starting) / Self.command) commands at a time, and there are "
                    + "\(needs.slots) slots: the others are put off; LimitNOFILE=\(wanted) would do"
            )
        }
        if clients < allClients {
            warnings.append(
                "\(limit) descriptors leave \(clients) for clients of the pages and of the control "
                    + "socket, who may be \(allClients); LimitNOFILE=\(wanted) would do")
        }
        self.warnings = warnings
        commands = max(0, (left - clients - Self.starting) / Self.command)
        controlClients = min(needs.controlClients, max(Self.fewestClients, clients / 4))
        pageClients = min(needs.pageClients, clients - controlClients)
    }

    /// Fewer clients of the control socket, where there are descriptors for fewer: waiters first.
    func apply(to limits: inout ControlLimits) {
        guard controlClients < limits.clients + limits.waiters else { return }
        limits.clients = min(limits.clients, max(Self.fewestClients, controlClients / 2))
        limits.waiters = max(0, controlClients - limits.clients)
        limits.reserved = min(limits.reserved, limits.clients / 2)
    }

    /// For a daemon with these settings, in this process as it is now.
    init(_ options: DaemonOptions) throws(StartFailure) {
        let (broker, returning) =
            switch options.address {
            // One for each queue to wait on, one for all else, one for operators.
            case .redis: (options.schedule.queues.count + 2, options.schedule.queues.count + 2)
            // The file, its log, the log's index, two locks, a wake-up.
            case .sqlite: (6, 0)
            }
        // Where /proc is not to be seen, what is open already is not known either.
        let now = try? ProcessStatistics.read()
        try self.init(
            limit: now?.maximumDescriptors.map { Int(clamping: $0) } ?? Int(Int32.max),
            needs: Needs(
                open: now?.openDescriptors ?? 3, broker: broker, returning: returning,
                slots: options.concurrency,
                hasCommands: !options.commands.isEmpty))
    }
}
