import MinskyModel
import MinskySQL
import TestSupport

@testable import MinskyStore

/// An upstream and replicas of it, on which people edit and sync.
final class SyncSites {
    private(set) var upstream: Store
    let upstreamStorage: TestStorage
    private(set) var storages: [String: TestStorage] = [:]
    private var count = 0

    static let start = Timestamp(microseconds: 1_790_000_000_000_000)
    static let place = DatabasePlace(url: "/upstream", schema: nil)

    init(upstream kind: TestDatabase, strategy: SyncStrategy? = nil, schema: Schema = .current) throws {
        upstreamStorage = try kind.make()
        upstream = try Store(
            creatingIn: try upstreamStorage.open(), schema: schema,
            identity: StoreIdentity(workspaceID: "workspace0000000", replicaID: "upstream00000000"), now: Self.start)
        if let strategy { try edit(upstream, "owner") { try $0.setStrategy(strategy, of: "*") } }
    }

    /// A replica whose id begins with a name.
    func clone(_ name: String, on kind: TestDatabase = .sqliteMemory, schema: Schema = .current) throws -> Store {
        let storage = try kind.make()
        storages[name] = storage
        let database = try storage.open()
        try Replica.clone(
            upstream, at: Self.place, into: database,
            replicaID: name + String(repeating: "0", count: 16 - name.count), now: Self.start)
        return try Store(opening: database, schema: schema)
    }

    /// The owner writes at the upstream with a newer minsky.
    func migrateUpstream(to schema: Schema) throws {
        try Store(opening: upstream.database, schema: schema).migrateIfDue(now: Self.start)
        upstream = try Store(opening: upstream.database, schema: schema)
    }

    /// The upstream as a program with an older schema has it.
    func upstream(for schema: Schema) throws -> Store { try Store(opening: upstream.database, schema: schema) }

    // MARK: Editing

    func context(_ actor: String) -> OperationContext {
        count += 1
        var random = SeededGenerator(seed: UInt64(count))
        return OperationContext(
            id: Identifier.random(using: &random), actor: actor, command: "test", now: Self.start.adding(seconds: count)
        )
    }

    /// One operation; returns its id.
    @discardableResult
    func edit(_ store: Store, _ actor: String, _ body: (WriteSession) throws -> Void) throws -> String {
        let context = context(actor)
        try store.perform(context) { try body($0) }
        return context.id
    }

    /// One operation that updates a task.
    @discardableResult
    func update(_ store: Store, _ actor: String, _ id: String, _ assignments: SQL) throws -> String {
        try edit(store, actor) { session in
            try session.writer.execute(
                "UPDATE tasks SET \(assignments), updated_at = \(session.operation.now) WHERE id = \(id)")
        }
    }

    /// One operation that adds a task.
    @discardableResult
    func add(
        _ store: Store, _ actor: String, _ id: String, title: String? = nil,
        _ change: (inout TaskItem) -> Void = { _ in }
    ) throws -> String {
        try edit(store, actor) { session in
            var task = TaskItem(
                id: id, title: title ?? id, rank: "i00000", createdAt: session.operation.now, createdBy: actor)
            change(&task)
            try session.insert(task)
        }
    }

    /// Sets the clock of an operation that waits to be pushed back or forth.
    func shiftClock(_ store: Store, of operation: String, seconds: Int) throws {
        try store.database.write {
            try $0.execute(
                "UPDATE operations SET hlc = hlc + \(Int64(seconds) * 1000) * 65536 WHERE id = \(operation)")
        }
    }

    // MARK: Syncing

    @discardableResult
    func sync(_ stores: Store...) throws -> Replica.Result {
        var result = Replica.Result()
        for store in stores { result = try Replica(store, upstream: upstream).sync() }
        return result
    }

    // MARK: Looking

    func task(_ id: String, in store: Store? = nil) throws -> TaskItem {
        try (store ?? upstream).read { try $0.task(id) }
    }

    /// What waits in a store to be pushed.
    func waiting(_ store: Store) throws -> [String] {
        try store.read { try $0.operations(where: "sequence IS NULL", orderedBy: "number", changes: .max).map(\.id) }
    }

    /// How often the upstream's log has an operation.
    func count(_ operation: String) throws -> Int {
        try upstream.database.read {
            try $0.rows("SELECT number FROM operations WHERE id = \(operation)") { try $0.integer(0) }.count
        }
    }

    /// All conflicts as the upstream knows them.
    func conflicts(_ table: String = "tasks") throws -> [Conflict] {
        try upstream.read { try $0.conflicts(all: true) }.filter { $0.table == table }
    }

    /// All rows of a store, and its log without what is its own.
    func dump(_ store: Store) throws -> [String] {
        try store.number()
        return try store.database.read { reader in
            var lines: [String] = []
            for copy in TableCopy.all(store.schema) where copy.table.isDomain {
                var rows: [String] = []
                try copy.rows(reader) { rows.append("\(copy.table.name) \($0)") }
                lines += rows.sorted()
            }
            let session = ReadSession(reader: reader, schema: store.schema)
            for operation in try session.operations(where: "1 = 1", orderedBy: "sequence", changes: .max) {
                lines.append("operation \(operation.sequence ?? -1) \(operation.id) \(operation.replicaID)")
                lines += operation.changes.map {
                    "change \($0.table) \($0.rowID) \($0.kind) \($0.fields.text()) \($0.lost?.text() ?? "")"
                }
            }
            return lines
        }
    }

    /// The lines in which stores differ from the upstream; none when all is well.
    func differences(_ stores: Store...) throws -> [String] {
        let expected = try dump(upstream)
        return try stores.flatMap { store in
            try dump(store).difference(from: expected).map { change -> String in
                switch change {
                case .insert(_, let line, _): "here: \(line)"
                case .remove(_, let line, _): "upstream: \(line)"
                }
            }
        }
    }
}
