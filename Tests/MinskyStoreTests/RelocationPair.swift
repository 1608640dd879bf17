import MinskyModel
import MinskyPostgres
import MinskySQL
import MinskySQLite
import TestSupport

@testable import MinskyStore

/// A store with something of everything, in one database, and an empty place in another.
final class RelocationPair {
    let source: StoreFixture
    let target: TestStorage
    private(set) var here: Store
    private(set) var there: (any Database)

    /// - Parameter connectionName: What PostgreSQL is told that the connections of the relocation are called.
    init(_ from: TestDatabase, _ to: TestDatabase, connectionName: String? = nil) throws {
        source = try StoreFixture(from)
        target = try to.make()
        here = source.store
        there = try target.open()
        for database in [here.database, there] { try (database as? SQLiteDatabase)?.enableWriteAheadLog() }
        let a = try source.add("A “quoted” ' \\ 🙂") {
            $0.tags = ["x", "y/z"]
            $0.metadata = ["n": 1.50, "s": "ü"]
            $0.dueAt = StoreFixture.start
        }
        let b = try source.add("B") {
            $0.parentID = a.id
            $0.externalRef = "github:1"
        }
        try source.add("C") { $0.dependsOn = [b.id] }
        try source.edit(b.id) { $0.title = "B2" }
        try source.undo()
        try here.perform(source.operation("bot")) { session in
            try session.save([
                StoredEmbedding(ownerID: a.id, model: "m", contentHash: "h", vector: [1, -0.5, 3e-9])
            ])
        }
        _ = try source.storage.runShell("UPDATE \(source.storage.table("tasks")) SET title = 'D' WHERE title = 'C'")
        guard let connectionName else { return }
        func named(_ storage: TestStorage) throws -> (any Database)? {
            guard storage.kind == .postgres else { return nil }
            let url = try TestStorage.postgresURL() + "&application_name=" + connectionName
            return try PostgresDatabase(url: url, schema: storage.location)
        }
        here = try named(source.storage).map { try Store(opening: $0) } ?? here
        there = try named(target) ?? there
    }

    /// - Parameter target: Another way to the target, or another target.
    func relocation(_ id: String = "move1", to target: (any Database)? = nil) -> Relocation {
        Relocation(
            id: id, from: here, at: DatabasePlace(url: "the source", schema: nil), to: target ?? there,
            at: DatabasePlace(url: "the target's place", schema: nil), backup: nil,
            replicaID: "replica222222222", now: StoreFixture.start)
    }

    @discardableResult
    func run(_ id: String = "move1", _ progress: (Relocation.Progress) throws -> Void = { _ in }) throws
        -> Relocation.Result
    {
        let relocation = relocation(id)
        let result = try relocation.run(progress)
        try relocation.finish()
        return result
    }

    /// The workspace goes back to where it came from.
    func turn() throws {
        (here, there) = (try Store(opening: there), here.database)
    }

    /// Another connection to the source.
    func other() throws -> Store { try source.reopened() }
}

/// What a store says, all of it.
struct StoreState: Equatable {
    let rows: RowImages
    let log: [LoggedOperation]
    let vectors: [StoredEmbedding]

    init(_ store: Store) throws {
        rows = try RowImages(reading: store)
        log = try store.operations(after: 0, limit: 100_000)
        vectors = try store.read { session in
            try session.embeddings(model: "m", of: try session.tasks().map(\.id)).values.sorted {
                $0.ownerID < $1.ownerID
            }
        }
    }
}
