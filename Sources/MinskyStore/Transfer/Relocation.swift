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
        /// So many operations have been brought to the target, and so many are yet to come.
        case following(operations: Int, lag: Int)
        case comparing(table: String, rows: Int)
        /// Rows that are not what the change log tells, as `table id`, are taken along as they are.
        case takingValues(rows: [String])
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
    /// When the move began, if that was before now.
    public var since: Timestamp
    /// Whether the target is followed up for as long as it takes before the source is fenced, however much is written there.
    public var isPatient = false
    /// The operation as which values are taken along that the change log does not tell of, or nil to refuse them.
    public var takingValues: OperationContext?

    var copy: StoreCopy { StoreCopy(schema: source.schema) }

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
        since = now
    }

    /// Moves the workspace. When it throws, the workspace is where it was, unless the code is `.outcomeUnknown`.
    /// - Parameter progress: Told each step; what it throws stops the relocation.
    /// - Throws: `StoreError` with code `.foreign` when the target holds something else, `.notContinued` when it holds operations
    ///   that the source does not have, `.unlogged` when rows are not the same on both sides though their logs are,
    ///   `.conflict` when somebody else is at it, `.outcomeUnknown` when the target did not answer to the last commit; `SQLError`.
    public func run(_ progress: (Progress) throws -> Void) throws -> Result {
        try begin()
        do {
            var brought = try fill(progress)
            brought.add(try catchUp(progress))
            brought.add(try compare(progress))
            // Comparing takes a while, and what was written meanwhile is not to be brought while nobody may write.
            brought.add(
                try catchUp { step in
                    if case .following(let operations, let lag) = step, operations + lag == 0 { return }
                    try progress(step)
                })
            let result = try drain(brought, progress)
            try progress(.committing)
            try commit()
            try? progress(.committed)
            return result
        } catch let error as StoreError where error.code == .outcomeUnknown {
            throw error
        } catch {
            // Whoever lost the answer to the last commit learns here whether it took place after all.
            guard try !Self.giveUp(source, target, id, goingTo: targetPlace) else {
                throw StoreError(
                    .outcomeUnknown,
                    "the workspace is in \(targetPlace); the last step was not seen to its end (\(error))")
            }
            throw error
        }
    }

    /// Makes the target a copy of the source that has caught up with it, and leaves the source open, in phase `following`:
    /// whoever moves the workspace there later finds little left to bring. A source that was not being followed before is as
    /// it was when this throws; one that was is still.
    /// - Parameter isWaiting: Whether to go on until there is nothing left to bring.
    /// - Throws: as `run`.
    public func follow(untilNothingIsLeft isWaiting: Bool, _ progress: (Progress) throws -> Void) throws {
        let wasFollowing = try begin()
        do {
            _ = try fill(progress)
            _ = try catchUp(untilNothingIsLeft: isWaiting, progress)
        } catch {
            if !wasFollowing { _ = try Self.giveUp(source, target, id, goingTo: targetPlace) }
            throw error
        }
    }

    /// Notes at the source that the workspace has gone, once everybody is sent to the target.
    public func finish() throws { try Self.close(source, id, goneTo: targetPlace) }

    // MARK: The steps

    /// Makes the relocation the source's own.
    /// - Returns: Whether the target follows the source already.
    @discardableResult
    private func begin() throws -> Bool {
        try source.database.write { writer in
            guard let found = try InstalledStore(reader: writer), found.phase.isOpen else { throw StoreError.moved }
            let isFollowing = found.phase == .following && found.peer == targetPlace
            let phase: StorePhase = isFollowing ? .following : .copying
            let isOpen =
                try writer.execute(
                    """
                    UPDATE store_state SET phase = \(phase.rawValue), relocation = \(id), peer = \(targetPlace.url),
                        peer_schema = \(targetPlace.schema), backup = \(backup), relocated_at = \(since)
                    WHERE phase = \(found.phase.rawValue) AND relocation IS NOT DISTINCT FROM \(found.relocation)
                    """) == 1
            guard isOpen else { throw takenOver }
            return isFollowing
        }
    }

    /// Makes the target a copy from which the source can be followed.
    private func fill(_ progress: (Progress) throws -> Void) throws -> Brought {
        try source.database.read { try requireOwnSchema($0) }
        try source.number()
        let brought = try prepare(progress)
        try setPhase(.following)
        return brought
    }

    /// Makes the target and fills it, or takes up one that has the beginning of the same log.
    /// - Returns: How many operations were brought.
    private func prepare(_ progress: (Progress) throws -> Void) throws -> Brought {
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
            // Whoever left the target for the store here was stopped before it noted that it had gone: as the one here is open,
            // it has. A target that was left for another place is nobody's to open or to fill.
            guard found.phase != .fenced || found.peer == sourcePlace else {
                throw StoreError(
                    .conflict,
                    "the store in \(targetPlace) is closed; it was being moved to "
                        + (found.peer.map { "\($0)" } ?? "another database"))
            }
            try Store(opening: target, schema: schema).migrateIfDue(now: now)
            try target.read { try requireOwnSchema($0) }
            try requireBeginning()
            try target.write { writer in
                // Somebody else may have taken it up, or opened it, since it was looked at.
                let isTaken =
                    try writer.execute(
                        """
                        UPDATE store_state SET phase = 'filling', relocation = \(id), peer = \(sourcePlace.url),
                            peer_schema = \(sourcePlace.schema), backup = \(backup), relocated_at = \(now)
                        WHERE phase IN ('filling', 'moved', 'abandoned', 'fenced') AND relocation IS NOT DISTINCT FROM \(found.relocation)
                        """) == 1
                guard isTaken else {
                    throw StoreError(.conflict, "somebody else is moving the workspace to \(targetPlace)")
                }
                try writer.raiseFence(schema, because: reason)
            }
            return Brought()
        }
        try progress(.preparing(resumed: false))
        let identity = StoreIdentity(workspaceID: source.installed.workspaceID, replicaID: replicaID)
        var filled = Brought()
        try source.database.read { reader in
            // Run again because the source's connection was lost after the target was filled.
            if try InstalledStore(reading: target)?.relocation == id { return }
            try Migrator(schema: schema, database: target).create(identity, now: now) { writer in
                try copy.fill(writer, from: reader) { table, rows in
                    if table == "changes" { filled.changes = rows }
                    try progress(.copying(table: table, rows: rows))
                }
                filled.operations = Int(try copy.lastSequence(reader))
                try progress(.indexing)
                try writer.execute(
                    """
                    UPDATE store_state SET phase = 'filling', relocation = \(id), peer = \(sourcePlace.url),
                        peer_schema = \(sourcePlace.schema), backup = \(backup), relocated_at = \(now)
                    """)
            } thereafter: { writer in
                try writer.raiseFence(schema, because: reason)
            }
        }
        return filled
    }

    /// Makes sure that the target's log is the beginning of the source's, so that what is missing is all after it.
    private func requireBeginning() throws {
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
                .notContinued, "\(targetPlace) holds operations of this workspace that are not in \(sourcePlace)")
        }
    }

    /// Compares all rows of both sides, while people go on working at the source.
    /// - Returns: How much was brought for it.
    private func compare(_ progress: (Progress) throws -> Void) throws -> Brought {
        var total = Brought()
        for round in 1... {
            let (brought, different) = try compareOnce(progress)
            total.add(brought)
            if different.isEmpty { break }
            guard let operation = takingValues, round <= 5, isUnlogged(different) else { throw unlike(different) }
            try progress(.takingValues(rows: different.map(\.description)))
            try take(different, as: operation)
        }
        return total
    }

    private func compareOnce(_ progress: (Progress) throws -> Void) throws -> (
        brought: Brought, different: [RowName]
    ) {
        try source.number()
        return try source.database.read { reader in
            let brought = try follow(reader)
            let different = try target.read { other in
                var tables: [String] = []
                for copy in copy.tables {
                    try progress(.comparing(table: copy.table.name, rows: 0))
                    let sum = try copy.sum(reader) { try progress(.comparing(table: copy.table.name, rows: $0)) }
                    if try copy.sum(other) != sum { tables.append(copy.table.name) }
                }
                return tables.isEmpty ? [] : try copy.differences(reader, other, tables: tables)
            }
            return (brought, different)
        }
    }

    /// Fences the source, brings the rest, and makes sure that it arrived.
    private func drain(_ brought: Brought, _ progress: (Progress) throws -> Void) throws -> Result {
        try progress(.fencing)
        try source.database.write { writer in
            try writer.lockTables(source.schema)
            if writer.dialect == .postgres {
                while try writer.first("SELECT number_operations(100000)", as: { try $0.integer(0) }) ?? 0 > 0 {}
            }
            try requireOwnSchema(writer)
            let isOurs =
                try writer.execute(
                    "UPDATE store_state SET phase = 'fenced' WHERE relocation = \(id) AND phase = 'following'") == 1
            guard isOurs else { throw takenOver }
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
        let floor = try source.floor()
        do {
            try target.write { writer in
                try requireFilling(writer)
                try writer.numberOn(source.schema)
                try writer.lowerFence()
                try writer.execute(
                    "UPDATE store_state SET phase = 'active', floor = \(floor) WHERE relocation = \(id)")
            }
        } catch let error as SQLError where error.isOutcomeUnknown {
            let isThere: Bool
            do {
                isThere = try Patience.patiently { try Self.isThere(target, id) }
            } catch {
                throw StoreError(
                    .outcomeUnknown,
                    "the connection was lost at the last step; whether the workspace is in \(targetPlace) now is asked by the next "
                        + "command (\(error))")
            }
            guard isThere else { throw error }
        }
    }

    // MARK: Small things

    private func setPhase(_ phase: StorePhase) throws {
        let isOurs = try source.database.write {
            try $0.execute(
                "UPDATE store_state SET phase = \(phase.rawValue) WHERE relocation = \(id) AND phase IN ('copying', 'following')"
            ) == 1
        }
        guard isOurs else { throw takenOver }
    }

    var takenOver: StoreError {
        StoreError(.conflict, "somebody else has begun to move the workspace from \(sourcePlace)")
    }

    /// Makes sure that there is nothing in a store that this program does not know, and would leave behind.
    func requireOwnSchema(_ reader: any Reader) throws {
        let version = try reader.first("SELECT max(version) FROM schema_migrations") { Int(try $0.integer(0)) } ?? 0
        guard version == source.schema.version else {
            throw StoreError.newerSchema(installed: version, known: source.schema.version)
        }
    }

    /// Makes sure, within a transaction of the target, that nobody has given this relocation up.
    func requireFilling(_ writer: any Writer) throws {
        let isFilling = try writer.first(
            "SELECT phase FROM store_state WHERE relocation = \(id) AND phase = 'filling'\(writer.dialect.rowLock)"
        ) { try $0.text(0) }
        guard isFilling != nil else {
            throw StoreError(.conflict, "somebody else has given up or taken over the move to \(targetPlace)")
        }
    }

    func requireNone(_ different: [RowName]) throws {
        if !different.isEmpty { throw unlike(different) }
    }

    func unlike(_ different: [RowName]) -> StoreError {
        let some = different.prefix(10).map(\.description).joined(separator: ", ") + (different.count > 10 ? ", …" : "")
        return StoreError(
            isUnlogged(different) ? .unlogged : .conflict,
            "\(different.count) row(s) are not the same in \(sourcePlace) and \(targetPlace): \(some)")
    }

    /// Whether the two logs are the same, and only rows they tell of are not.
    private func isUnlogged(_ different: [RowName]) -> Bool {
        different.allSatisfy { source.schema.table($0.table)?.isDomain == true }
    }
}
