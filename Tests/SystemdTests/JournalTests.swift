import Foundation
import Systemd
import TestSupport
import Testing

@Suite("The journal")
struct JournalTests {
    @Test("the journal is taken only when standard error still goes there")
    func isConnected() async {
        // In a process of its own, because what is tested is found in the environment.
        await #expect(processExitsWith: .success) {
            var status = stat()
            try #require(fstat(STDERR_FILENO, &status) == 0)
            unsetenv("JOURNAL_STREAM")
            #expect(!Journal.isConnected)
            setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
            #expect(Journal.isConnected)
            let others = [
                "\(status.st_dev):\(status.st_ino + 1)", "1", "", "a:b", "1:2:3", "-1:-1",
            ]
            for other in others {
                setenv("JOURNAL_STREAM", other, 1)
                #expect(!Journal.isConnected, "\(other)")
            }
        }
    }

    @Test(
        "an entry's fields arrive as they are, line breaks included",
        .enabled(
            if: PrivateJournal.isPossible, "needs root, to put a socket in the journal's place"))
    func send() async throws {
        let entries = try await PrivateJournal.entries {
            try Journal.send([("MESSAGE", "two\nlines"), ("PRIORITY", "6"), ("JOB_ID", "ä=b")])
        }
        let entry = try #require(entries.first)
        #expect(entry["MESSAGE"] == "two\nlines")
        #expect(entry["PRIORITY"] == "6")
        #expect(entry["JOB_ID"] == "ä=b")
    }

    @Test("where there is no journal an entry is lost without harm")
    func noJournal() throws {
        guard access("/run/systemd/journal/socket", F_OK) != 0 else { return }
        try Journal.send([("MESSAGE", "nobody hears this")])
    }
}
