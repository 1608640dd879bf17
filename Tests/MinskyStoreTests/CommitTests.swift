import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskyStore
import TestSupport
import Testing

@Suite("A commit whose answer is lost", .serialized, .timeLimit(.minutes(10)))
struct CommitTests {
    private func store(_ fixture: StoreFixture, _ proxy: PostgresProxy) throws -> Store {
        try Store(opening: PostgresDatabase(url: proxy.url, schema: fixture.storage.location))
    }

    /// The server has committed, the client never hears of it: the task is there once, and the command says so.
    @Test func whatWasCommittedIsNotWrittenAgain() throws {
        let (fixture, proxy) = (try StoreFixture(.postgres), try PostgresProxy())
        defer { proxy.close() }
        let store = try store(fixture, proxy)
        let id = fixture.newID()
        var runs = 0
        let title = try store.perform(fixture.operation()) { session in
            runs += 1
            try session.insert(TaskItem(id: id, title: "A", rank: "i", createdAt: StoreFixture.start))
            proxy.cutAfter("COMMIT;")
            return "\(runs)"
        }
        #expect(title == "1", "the result is that of the run that was committed")
        #expect(runs == 1)
        #expect(try fixture.all().map(\.id) == [id])
        #expect(try fixture.disagreements().isEmpty)
    }

    @Test func anUndoIsNotDoneTwiceEither() throws {
        let (fixture, proxy) = (try StoreFixture(.postgres), try PostgresProxy())
        defer { proxy.close() }
        try fixture.add("A")
        try fixture.add("B")
        let store = try store(fixture, proxy)
        try store.undo(as: fixture.operation()) { _, _ in proxy.cutAfter("COMMIT;") }
        #expect(try fixture.all().map(\.title) == ["A"])
    }

    /// When nobody can be asked, the error says that it is not known, not that it should be tried again.
    @Test func whatCannotBeFoundOutIsSaidToBeUnknown() throws {
        let (fixture, proxy) = (try StoreFixture(.postgres), try PostgresProxy())
        let store = try store(fixture, proxy)
        let error = #expect(throws: StoreError.self) {
            try store.perform(fixture.operation()) { session in
                try session.insert(
                    TaskItem(id: fixture.newID(), title: "A", rank: "i", createdAt: StoreFixture.start))
                proxy.cutAfter("COMMIT;")
                proxy.close()
            }
        }
        #expect(error?.code == .outcomeUnknown)
        #expect(try fixture.all().count <= 1)
    }
}
