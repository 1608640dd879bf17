import MinskyModel
import MinskySQL

/// Moves a workspace from one database to another while people go on working, and without losing an edit whatever happens.
///
/// The target is fenced from its creation. It is filled from a consistent view of the source, follows what is changed
/// meanwhile, and is compared with the source row by row; then the source is fenced, the rest is brought, and **one
/// transaction of the target** opens it: before it the workspace is at the source, after it at the target. Whoever is
/// stopped in between leaves a fenced source, which the next command settles by asking the target (`settle`).
///
/// Both directions are the same: upgrade and rollback differ in which store is which.
public struct Relocation: Sendable {
    /// What is being done, told before it is done.
    public enum Progress: Sendable, Hashable {
        /// The target's tables are made, or what is there from an earlier attempt is taken up.
        case preparing(resumed: Bool)
        case copying(table: String, rows: Int)
        /// Indexes, references and triggers are made.
        case indexing
        /// The target has caught up with so many operations.
        case following(operations: Int)
        case comparing(table: String, rows: Int)
        case fencing
        case draining
        case committing
        case committed
    }

    /// What there is at the target now.
    public struct Result: Sendable {
        public let tables: [(table: String, rows: Int)]
        /// The operations that were brought to a target which had the earlier ones already; all, for a new one.
        public let operations: Int
        /// The changes of these.
        public let changes: Int
    }

    /// The id of this relocation, by which both stores know it.
    public let id: String
    public let source: Store
    public let target: any Database
    public let sourcePlace: DatabasePlace
    public let targetPlace: DatabasePlace
    /// The file that was saved before, if any.
    public let backup: String?
    public let now: Timestamp
    /// The id of the replica at a new target.
    public let replicaID: String

    private var copy: StoreCopy { StoreCopy(schema: source.schema) }

    /// Describes a relocation, and does nothing yet.
    public init(
        id: String, from source: Store, at sourcePlace: DatabasePlace, to target: any Database,
        at targetPlace: DatabasePlace,
        backup: String?, replicaID: String, now: Timestamp
    ) {
        self.id = id
        self.source = source
        self.target = target
        self.sourcePlace = sourcePlace
        self.targetPlace = targetPlace
        self.backup = backup
        self.replicaID = replicaID
        self.now = now
    }

    /// Moves the workspace. When it throws, the workspace is where it was, unless the code is `.outcomeUnknown`.
    /// - Parameter progress: Told each step; what it throws stops the relocation.
    /// - Throws: `StoreError` with code `.foreign` when the target holds something else, `.conflict` when the two do not
    ///   hold the same in the end, `.outcomeUnknown` when the target did not answer to the last commit; `SQLError`.
    public func run(_ progress: (Progress) throws -> Void) throws -> Result {
        let isOpen = try source.database.write { writer in
            try writer.execute(
                """
                UPDATE store_state SET phase = 'copying', relocation = \(id), peer = \(targetPlace.url),
                    peer_schema = \(targetPlace.schema), backup = \(backup), relocated_at = \(now)
                WHERE phase IN ('active', 'copying', 'following')
                """) == 1
        }
        guard isOpen else { throw StoreError.moved }
        do {
            try number(source)
            let first = try prepare(progress)
            try setPhase(.following)
            let second = try catchUp(progress)
            let third = try compare(progress)
            let brought = [first, second, third].reduce((0, 0)) { ($0.0 + $1.operations, $0.1 + $1.changes) }
            let result = try drain(brought, progress)
            try progress(.committing)
            try commit()
            try? progress(.committed)
            return result
        } catch let error as StoreError where error.code == .outcomeUnknown {
            throw error
        } catch {
            try giveUp()
            throw error
        }
    }

    /// Notes at the source that the workspace has gone, once everybody is sent to the target.
    public func finish() throws { try Self.close(source, goneTo: targetPlace) }

    // MARK: The steps

    /// Makes the target and fills it, or takes up one that has the beginning of the same log.
    /// - Returns: How many operations were brought.
    private func prepare(_ progress: (Progress) throws -> Void) throws -> (operations: Int, changes: Int) {
        let schema = source.schema
        let reason = "the tasks of this workspace are in \(sourcePlace)"
        if let found = try InstalledStore(reading: target) {
            try progress(.preparing(resumed: true))
            guard found.workspaceID == source.installed.workspaceID else {
                throw StoreError(.foreign, "\(targetPlace) holds another workspace, \(found.workspaceID)")
            }
            guard !found.phase.isOpen else {
                throw StoreError(.conflict, "the workspace has a store in \(targetPlace) that is in use")
            }
            let store = try Store(opening: target, schema: schema)
            try store.migrateIfDue(now: now)
            try requireBeginning(found)
            try target.write { writer in
                try writer.execute(
                    """
                    UPDATE store_state SET phase = 'filling', relocation = \(id), peer = \(sourcePlace.url),
                        peer_schema = \(sourcePlace.schema), backup = \(backup), relocated_at = \(now)
                    """)
                try writer.raiseFence(schema, because: reason)
            }
            return (0, 0)
        }
        try progress(.preparing(resumed: false))
        let identity = StoreIdentity(workspaceID: source.installed.workspaceID, replicaID: replicaID)
        return try source.database.read { reader in
            try Migrator(schema: schema, database: target).create(identity, now: now) { writer in
                try copy.fill(writer, from: reader) { try progress(.copying(table: $0, rows: $1)) }
                try progress(.indexing)
                try writer.execute(
                    """
                    UPDATE store_state SET phase = 'filling', relocation = \(id), peer = \(sourcePlace.url),
                        peer_schema = \(sourcePlace.schema), backup = \(backup), relocated_at = \(now)
                    """)
            } thereafter: { writer in
                try writer.raiseFence(schema, because: reason)
            }
            let changes = try copy.tables.first { $0.table.name == "changes" }?.count(reader)
            return (Int(try copy.lastSequence(reader)), changes ?? 0)
        }
    }

    /// Makes sure that the target's log is the beginning of the source's, so that what is missing is all after it.
    private func requireBeginning(_ found: InstalledStore) throws {
        let last = try target.read { try copy.lastSequence($0) }
        let isBeginning = try source.database.read { reader in
            try target.read { other in
                for copy in copy.tables where copy.table.name == "operations" {
                    var sum = TableSum()
                    try copy.rows(reader, where: "sequence <= \(last)") { sum.add(copy.hash($0)) }
                    return try copy.sum(other) == sum
                }
                return false
            }
        }
        guard isBeginning else {
            throw StoreError(
                .conflict, "\(targetPlace) holds operations of this workspace that are not in \(sourcePlace)")
        }
    }

    /// Follows the source until little is left to bring.
    private func catchUp(_ progress: (Progress) throws -> Void) throws -> (operations: Int, changes: Int) {
        var total = (operations: 0, changes: 0)
        for _ in 0..<10 {
            let brought = try followOnce()
            total.operations += brought.operations
            total.changes += brought.changes
            try progress(.following(operations: total.operations))
            if brought.changes < 200 { break }
        }
        return total
    }

    /// Brings what has happened since the target's last operation, and makes sure that it arrived.
    private func followOnce() throws -> (operations: Int, changes: Int) {
        try number(source)
        return try source.database.read { reader in
            let last = try target.read { try copy.lastSequence($0) }
            let touched = try copy.touched(reader, after: last)
            guard !touched.isEmpty else { return (0, 0) }
            let brought = try target.write { writer in
                try requireFilling(writer)
                return try writer.withoutLogging {
                    try copy.follow(writer, from: reader, touched: touched, after: last)
                }
            }
            let different = try target.read { try copy.differences(reader, $0, in: touched) }
            try requireNone(different)
            return brought
        }
    }

    /// Compares all rows of both sides, while people go on working at the source.
    /// - Returns: How much was brought for it.
    private func compare(_ progress: (Progress) throws -> Void) throws -> (operations: Int, changes: Int) {
        try number(source)
        return try source.database.read { reader in
            var brought = (operations: 0, changes: 0)
            let last = try target.read { try copy.lastSequence($0) }
            let touched = try copy.touched(reader, after: last)
            if !touched.isEmpty {
                try target.write { writer in
                    try requireFilling(writer)
                    brought = try writer.withoutLogging {
                        try copy.follow(writer, from: reader, touched: touched, after: last)
                    }
                }
            }
            try target.read { other in
                var different: [String] = []
                for copy in copy.tables {
                    try progress(.comparing(table: copy.table.name, rows: 0))
                    let sum = try copy.sum(reader) { try progress(.comparing(table: copy.table.name, rows: $0)) }
                    if try copy.sum(other) != sum { different.append(copy.table.name) }
                }
                guard !different.isEmpty else { return }
                try requireNone(try copy.differences(reader, other, tables: different))
            }
            return brought
        }
    }

    /// Fences the source, brings the rest, and makes sure that it arrived.
    private func drain(_ brought: (operations: Int, changes: Int), _ progress: (Progress) throws -> Void) throws
        -> Result
    {
        try progress(.fencing)
        try source.database.write { writer in
            try writer.lockTables(source.schema)
            if writer.dialect == .postgres {
                while try writer.first("SELECT number_operations(100000)", as: { try $0.integer(0) }) ?? 0 > 0 {}
            }
            try writer.execute("UPDATE store_state SET phase = 'fenced' WHERE relocation = \(id)")
            try writer.raiseFence(source.schema, because: "the tasks of this workspace are moving to \(targetPlace)")
        }
        try progress(.draining)
        let last = try followOnce()
        let tables = try source.database.read { reader in
            try target.read { other in
                try copy.tables.map { copy in
                    let (here, there) = (try copy.count(reader), try copy.count(other))
                    guard here == there else {
                        throw StoreError(
                            .conflict,
                            "\(copy.table.name) has \(here) rows in \(sourcePlace) and \(there) in \(targetPlace)")
                    }
                    return (table: copy.table.name, rows: there)
                }
            }
        }
        return Result(
            tables: tables, operations: brought.operations + last.operations, changes: brought.changes + last.changes)
    }

    /// Opens the target: the one point before which the workspace is at the source, and after which it is not.
    private func commit() throws {
        do {
            try target.write { writer in
                try requireFilling(writer)
                try writer.numberOn(source.schema)
                try writer.lowerFence()
                try writer.execute("UPDATE store_state SET phase = 'active' WHERE relocation = \(id)")
            }
        } catch let error as SQLError where error.isOutcomeUnknown {
            let phase: StorePhase?
            do {
                phase = try Patience.patiently { try InstalledStore(reading: target)?.phase }
            } catch {
                throw StoreError(
                    .outcomeUnknown,
                    "the connection was lost at the last step; whether the workspace is in \(targetPlace) now is asked by the next "
                        + "command (\(error))")
            }
            guard phase == .active else { throw error }
        }
    }

    // MARK: Giving up, and settling what others left

    /// Leaves the workspace at the source. The target is told first, so that nobody opens it afterwards.
    private func giveUp() throws {
        try? Self.abandon(target, id)
        try Self.reopen(source)
    }

    private static func abandon(_ target: any Database, _ id: String) throws {
        guard try InstalledStore(reading: target) != nil else { return }
        try target.write {
            try $0.execute(
                "UPDATE store_state SET phase = 'abandoned' WHERE relocation = \(id) AND phase = 'filling'")
        }
    }

    private static func reopen(_ source: Store) throws {
        try source.database.write { writer in
            try writer.lowerFence()
            try writer.execute("UPDATE store_state SET phase = 'active' WHERE phase <> 'moved'")
        }
    }

    private static func close(_ source: Store, goneTo place: DatabasePlace?) throws {
        try source.database.write { writer in
            try writer.execute("UPDATE store_state SET phase = 'moved'")
            try writer.raiseFence(
                source.schema,
                because: "the tasks of this workspace are in \(place.map { "\($0)" } ?? "another database")")
        }
    }

    /// Where a workspace is whose relocation was stopped, after it has been put in order: whoever was fenced out at the source
    /// may write there again, or the source notes that the workspace has gone.
    ///
    /// Nobody else may be carrying out the relocation.
    /// - Parameter target: The other database of the relocation.
    /// - Returns: Whether the workspace is at the target.
    /// - Throws: `SQLError` when the target cannot be asked: then nothing is known, and nothing is changed.
    public static func settle(_ source: Store, target: any Database) throws -> Bool {
        guard let found = try InstalledStore(reading: source.database), let id = found.relocation else { return false }
        guard found.phase == .fenced || found.phase == .moved else {
            if found.phase != .active, found.phase.isOpen { try reopen(source) }
            return false
        }
        try abandon(target, id)
        let other = try InstalledStore(reading: target)
        if let other, other.relocation == id, other.phase.isOpen {
            try close(source, goneTo: found.peer)
            return true
        }
        // A store that has gone for good is not opened again because the other one is away.
        guard found.phase == .fenced else { return other?.phase.isOpen == true }
        try reopen(source)
        return false
    }

    // MARK: Small things

    private func setPhase(_ phase: StorePhase) throws {
        try source.database.write {
            try $0.execute("UPDATE store_state SET phase = \(phase.rawValue) WHERE relocation = \(id)")
        }
    }

    /// Makes sure, within a transaction of the target, that nobody has given this relocation up.
    private func requireFilling(_ writer: any Writer) throws {
        let isFilling = try writer.first(
            "SELECT phase FROM store_state WHERE relocation = \(id) AND phase = 'filling'\(writer.dialect.rowLock)"
        ) { try $0.text(0) }
        guard isFilling != nil else {
            throw StoreError(.conflict, "somebody else has given up or taken over the move to \(targetPlace)")
        }
    }

    private func requireNone(_ different: [String]) throws {
        guard !different.isEmpty else { return }
        let some = different.prefix(10).joined(separator: ", ") + (different.count > 10 ? ", …" : "")
        throw StoreError(
            .conflict, "\(different.count) row(s) are not the same in \(sourcePlace) and \(targetPlace): \(some)")
    }

    private func number(_ store: Store) throws { try store.number() }
}
