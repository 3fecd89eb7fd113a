import Foundation
import Systemd
import TestSupport
import Testing

/// Each in a process of its own, because what is tested is found in the environment.
@Suite("Telling the service manager")
struct ServiceNotifierTests {
    @Test("a service that gets ready, works and stops is seen to do so")
    func life() async {
        await #expect(processExitsWith: .success) {
            let manager = try ServiceManager()
            manager.notifier.extendTimeout(.milliseconds(1_500), status: "waiting for Redis")
            manager.notifier.ready(status: "running 0/10")
            manager.notifier.status("running 1/10")
            manager.notifier.watchdog()
            manager.notifier.stopping()
            try await manager.socket.message(containing: "STOPPING=1")
            #expect(
                manager.socket.messages == [
                    "EXTEND_TIMEOUT_USEC=1500000\nSTATUS=waiting for Redis",
                    "READY=1\nSTATUS=running 0/10", "STATUS=running 1/10", "WATCHDOG=1",
                    "STOPPING=1",
                ])
            #expect(manager.notifier.isActive)
            #expect(manager.failures.value.isEmpty)
        }
    }

    @Test("a reload says when it began")
    func reload() async {
        await #expect(processExitsWith: .success) {
            let manager = try ServiceManager()
            manager.notifier.reloading()
            let message = try await manager.socket.message(containing: "RELOADING=1")
            let time = message.split(separator: "=").last.flatMap { UInt64($0) }
            #expect((time ?? 0) > 0)
        }
    }

    @Test("a status stays one line and cannot say anything else")
    func oneLine() async {
        await #expect(processExitsWith: .success) {
            let manager = try ServiceManager()
            manager.notifier.status("a\nREADY=1\r\u{0}b\u{1B}[31m ü")
            let message = try await manager.socket.message(containing: "STATUS")
            #expect(message == "STATUS=a READY=1  b [31m ü")
        }
    }

    @Test("without a service manager nothing is sent and nothing fails")
    func noSocket() async {
        await #expect(processExitsWith: .success) {
            let manager = try ServiceManager()
            unsetenv("NOTIFY_SOCKET")
            #expect(!manager.notifier.isActive)
            manager.notifier.ready()
            manager.notifier.stopping()
            #expect(manager.failures.value.isEmpty)
            #expect(manager.notifier.watchdogInterval == nil)
        }
    }

    @Test("a service manager that cannot be reached is reported, not fatal")
    func unreachable() async {
        await #expect(processExitsWith: .success) {
            let manager = try ServiceManager()
            setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
            manager.notifier.ready()
            let failures = manager.failures.value.map(\.description)
            #expect(failures == ["cannot tell systemd READY=1: No such file or directory"])
        }
    }

    @Test("the watchdog's interval is read, and only when it is meant for this process")
    func watchdogInterval() async {
        await #expect(processExitsWith: .success) {
            let manager = try ServiceManager()
            setenv("WATCHDOG_USEC", "30000000", 1)
            #expect(manager.notifier.watchdogInterval == .seconds(30))
            setenv("WATCHDOG_PID", "1", 1)
            #expect(manager.notifier.watchdogInterval == nil)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            #expect(manager.notifier.watchdogInterval == .seconds(30))
            #expect(manager.failures.value.isEmpty)
            setenv("WATCHDOG_USEC", "soon", 1)
            #expect(manager.notifier.watchdogInterval == nil)
            #expect(manager.failures.value.count == 1)
        }
    }
}

/// The service manager's side, and a notifier that has found it in the environment.
private struct ServiceManager {
    let socket: NotifySocket
    let notifier: ServiceNotifier
    let failures: Watched<[ServiceNotifierError]>

    init() throws {
        let failures = Watched<[ServiceNotifierError]>([])
        self.failures = failures
        socket = try NotifySocket()
        setenv("NOTIFY_SOCKET", socket.path, 1)
        notifier = ServiceNotifier { error in failures.update { $0.append(error) } }
    }
}
