import JobQueue
import SQLite
import SQLiteBroker
import TestSupport
import Testing

@Suite(
    "A file of jobs on a disk that is full",
    .enabled(if: SmallDisk.isPossible, "only root can make a small disk"))
struct FullDiskTests {
    /// Enqueues until that is refused.
    ///
    /// - Returns: the numbers of the jobs that were answered.
    private func fill(_ broker: any Broker, from first: Int) async throws -> [Int] {
        let filling = String(repeating: "x", count: 20_000)
        var number = first
        while number < first + 10_000 {
            do {
                _ = try await broker.enqueue([job(number) { $0.headers = ["filling": filling] }])
            } catch {
                guard case BrokerError.refused(let reason) = error else { throw error }
                #expect(reason.contains("make room"))
                return Array(first..<number)
            }
            number += 1
        }
        throw TestSupportError("it is never full")
    }

    @Test(
        "an enqueue is refused with what to do; nothing is lost or damaged; with room all goes on")
    func full() async throws {
        let disk = try SmallDisk(kilobytes: 1500)
        try await withEventLoop { loop in
            let stand = try await SQLiteUnderTest(loop: loop, directory: disk.directory)
            let broker = try await stand.daemon(lease: .seconds(1000)).broker
            _ = try await broker.enqueue([job(1), job(2)])
            let claims = try await broker.claim(2, from: .default).claims
            let answered = try await fill(broker, from: 3)
            #expect(answered.count > 5)
            // What it has is there, and can be looked at.
            #expect(try await broker.stats(of: .default).pending == answered.count)
            #expect(try await broker.stats(of: .default).active == 2)
            #expect(try await stand.verdict() == "ok")

            // An outcome that is refused is kept by the worker and written again.
            let finishes = claims.map { $0.finish(.ack) }
            let early = try? await broker.finish(finishes)
            try disk.resize(kilobytes: 20_000)
            if early == nil { #expect(try await broker.finish(finishes) == [true, true]) }
            _ = try await broker.enqueue([job(answered.count + 3)])
            let rest = try await broker.claimAll()
            #expect(try numbers(rest.map(\.envelope)) == answered + [answered.count + 3])
            #expect(
                try await broker.finish(rest.map { $0.finish(.ack) }).allSatisfy { $0 == .written })
            #expect(try await broker.stats(of: .default).totals.done == rest.count + 2)
            #expect(try await stand.verdict() == "ok")
            await stand.close()
        }
    }

    @Test("filled by others: jobs come, run and end as long as the file has room within itself")
    func filledByOthers() async throws {
        let disk = try SmallDisk(kilobytes: 8000)
        try await withEventLoop { loop in
            var stand = try await SQLiteUnderTest(loop: loop, directory: disk.directory)
            try await workOff(100, of: 10_000, on: stand)
            await stand.close()
            stand = try await SQLiteUnderTest(loop: loop, directory: disk.directory)
            try await workOff(50, of: 1000, on: stand)
            let broker = try await stand.daemon(lease: .seconds(1000)).broker
            try disk.fill()
            for number in 1...3000 {
                _ = try await broker.enqueue([job(number)])
                let claim = try await broker.claimOne()
                #expect(try await broker.finish([claim.finish(.ack)]) == [true])
            }
            #expect(try await broker.stats(of: .default).totals.done == 3150)
            #expect(try await stand.verdict() == "ok")
            await stand.close()
        }
    }
}

/// A backlog of jobs of so many bytes, which leaves its room in the file and in its log.
private func workOff(_ count: Int, of bytes: Int, on stand: SQLiteUnderTest) async throws {
    let broker = try await stand.daemon(lease: .seconds(1000)).broker
    let filling = String(repeating: "x", count: bytes)
    _ = try await broker.enqueue(
        (1...count).map { number in try job(number) { $0.headers = ["filling": filling] } })
    _ = try await broker.finish(broker.claimAll().map { $0.finish(.ack) })
}

extension SQLiteUnderTest {
    /// What SQLite itself says of the file.
    fileprivate func verdict() async throws -> String? {
        try raw?.use { database in
            try database.first("PRAGMA integrity_check") { $0.text(0) }
        }
    }
}
