import Foundation
import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskySQLite
import MinskyStore
import TestSupport
import Testing

@Suite("Ids that mean one thing everywhere")
struct IdentityTests {
    private func replica(_ store: Store) throws -> String {
        try #require(
            try store.database.read { try $0.first("SELECT replica_id FROM store_state") { try $0.text(0) } })
    }

    /// Two files that were one go on as two replicas, from the first thing the copy writes.
    @Test func aCopiedFileTakesANewReplicaIDBeforeItWrites() throws {
        let fixture = try StoreFixture(.sqliteFile)
        try fixture.add("A")
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let copy = folder.path + "/copy.db"
        try FileManager.default.copyItem(atPath: fixture.storage.location, toPath: copy)
        let store = try Store(opening: SQLiteDatabase(path: copy))
        try store.perform(fixture.operation()) {
            try $0.insert(TaskItem(id: fixture.newID(), title: "B", rank: "i", createdAt: StoreFixture.start))
        }
        let log = try store.operations(after: 0)
        #expect(log.map(\.replicaID).first == "replica000000000")
        #expect(log.last?.replicaID != "replica000000000")
        #expect(log.last.map { Identifier.prefix($0.replicaID) == $0.replicaID } == true)
        #expect(store.installed.workspaceID == fixture.store.installed.workspaceID)
        let id = try replica(store)
        try store.perform(fixture.operation()) { try $0.rename(try $0.tasks()[0].id, to: "C") }
        #expect(try replica(store) == id, "once")
        try fixture.add("D")
        #expect(try replica(fixture.store) == "replica000000000", "the original stays what it was")
    }

    /// A dump that is restored into another schema, here by hand.
    @Test func aRestoredSchemaTakesANewReplicaIDBeforeItWrites() throws {
        let fixture = try StoreFixture(.postgres)
        try fixture.add("A")
        // As after a restore, the place that was noted is another one.
        try fixture.store.database.write { try $0.execute("UPDATE store_state SET place = '1/1'") }
        _ = try fixture.storage.runShell("UPDATE \(fixture.storage.table("tasks")) SET title = 'B'")
        #expect(try fixture.store.operations(after: 0).last?.replicaID != "replica000000000")
    }

    /// By hand, in the same instant, in stores that were one: no two operations share an id.
    @Test(arguments: TestDatabase.shared)
    func operationsByHandHaveRandomIDs(kind: TestDatabase) throws {
        var ids: Set<String> = []
        for _ in 0..<3 {
            let fixture = try StoreFixture(kind)
            try fixture.add("A")
            for number in 0..<10 {
                _ = try fixture.storage.runShell("UPDATE \(fixture.storage.table("tasks")) SET title = '\(number)'")
            }
            let log = try fixture.store.operations(after: 0).filter { $0.command == "sql" }
            #expect(log.count == 10)
            #expect(log.allSatisfy { $0.id.count == Identifier.length && Identifier.prefix($0.id) == $0.id })
            ids.formUnion(log.map(\.id))
        }
        #expect(ids.count == 30)
    }

    /// An operation id that was used is not joined by whoever claims it again.
    @Test func anOperationOfAnotherTransactionIsNotJoined() throws {
        let fixture = try StoreFixture(.postgres)
        try fixture.add("A")
        let used = try fixture.last()
        let tasks = fixture.storage.table("tasks")
        _ = try fixture.storage.runShell("SET minsky.operation = '\(used)'; UPDATE \(tasks) SET title = 'B'")
        let log = try fixture.store.operations(after: 0)
        #expect(log.first { $0.id == used }?.changes.contains { $0.after?["title"] == "B" } == false)
        #expect(log.last?.changes.first?.after == ["title": "B"])
    }

    @Test func derivedIDsMeetAndDiffer() {
        let id = DerivedIdentifier.of(workspace: "w", source: "taskwarrior", reference: "1")
        #expect(Identifier.prefix(id) == id && id.count == Identifier.length)
        #expect(id == DerivedIdentifier.of(workspace: "w", source: "taskwarrior", reference: "1"))
        let others = [
            ("v", "taskwarrior", "1"), ("w", "beads", "1"), ("w", "taskwarrior", "2"), ("w", "taskwarrior1", ""),
        ]
        #expect(
            Set(others.map { DerivedIdentifier.of(workspace: $0.0, source: $0.1, reference: $0.2) } + [id]).count == 5)
    }
}
