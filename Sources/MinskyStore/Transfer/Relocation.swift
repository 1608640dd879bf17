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
            try source.database.read { try requireOwnSchema($0) }
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
            // Whoever lost the answer to the last commit learns here whether it took place after all.
            guard try !Self.giveUp(source, target, id, goingTo: targetPlace) else {
                throw StoreError(
                    .outcomeUnknown,
                    "the workspace is in \(targetPlace); the last step was not seen to its end (\(error))")
            }
            throw error
        }
    }

    /// Notes at the source that the workspace has gone, once everybody is sent to the target.
    public func finish() throws { try Self.close(source, id, goneTo: targetPlace) }

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
                        WHERE phase IN ('filling', 'moved', 'abandoned') AND relocation IS NOT DISTINCT FROM \(found.relocation)
                        """) == 1
                guard isTaken else {
                    throw StoreError(.conflict, "somebody else is moving the workspace to \(targetPlace)")
                }
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
        do {
            try target.write { writer in
                try requireFilling(writer)
                try writer.numberOn(source.schema)
                try writer.lowerFence()
                try writer.execute("UPDATE store_state SET phase = 'active' WHERE relocation = \(id)")
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

    // MARK: Giving up, and settling what others left

    /// Leaves the workspace at the source, unless the target has been opened after all.
    /// - Returns: Whether the workspace is at the target.
    private static func giveUp(
        _ source: Store, _ target: any Database, _ id: String, goingTo place: DatabasePlace
    ) throws -> Bool {
        let isFenced = try InstalledStore(reading: source.database).map { !$0.phase.isOpen } ?? true
        do {
            guard try isThere(target, id) else {
                try reopen(source, id)
                return false
            }
            return true
        } catch let error as SQLError {
            // The target is opened only after the source has been fenced: before, nothing has to be known of it.
            guard isFenced else {
                try reopen(source, id)
                return false
            }
            throw StoreError(
                .outcomeUnknown,
                "\(place) does not answer, so the next command asks it where the workspace is (\(error))")
        }
    }

    /// Whether the target has been opened by a relocation. One that has not is closed for it for good: the row is locked by
    /// a commit that is on its way, so this waits for it, and none comes later.
    private static func isThere(_ target: any Database, _ id: String) throws -> Bool {
        guard try InstalledStore(reading: target) != nil else { return false }
        try target.write {
            try $0.execute(
                "UPDATE store_state SET phase = 'abandoned' WHERE relocation = \(id) AND phase = 'filling'")
        }
        guard let found = try InstalledStore(reading: target) else { return false }
        return found.relocation == id && found.phase.isOpen
    }

    /// Opens a source again, unless somebody else has to do with it by now.
    private static func reopen(_ source: Store, _ id: String) throws {
        try source.database.write { writer in
            let isOurs =
                try writer.execute(
                    """
                    UPDATE store_state SET phase = 'active'
                    WHERE relocation = \(id) AND phase IN ('copying', 'following', 'fenced')
                    """) == 1
            if isOurs { try writer.lowerFence() }
        }
    }

    private static func close(_ source: Store, _ id: String, goneTo place: DatabasePlace?) throws {
        try source.database.write { writer in
            let isOurs =
                try writer.execute(
                    "UPDATE store_state SET phase = 'moved' WHERE relocation = \(id) AND phase IN ('fenced', 'moved')")
                == 1
            guard isOurs else { return }
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
            try reopen(source, id)
            return false
        }
        if try isThere(target, id) {
            try close(source, id, goneTo: found.peer)
            return true
        }
        // A store that has gone for good is not opened again because the other one is away.
        guard found.phase == .fenced else { return try InstalledStore(reading: target)?.phase.isOpen == true }
        try reopen(source, id)
        return false
    }

    // MARK: Small things

    private func setPhase(_ phase: StorePhase) throws {
        let isOurs = try source.database.write {
            try $0.execute(
                "UPDATE store_state SET phase = \(phase.rawValue) WHERE relocation = \(id) AND phase = 'copying'") == 1
        }
        guard isOurs else { throw takenOver }
    }

    private var takenOver: StoreError {
        StoreError(.conflict, "somebody else has begun to move the workspace from \(sourcePlace)")
    }

    /// Makes sure that there is nothing in a store that this program does not know, and would leave behind.
    private func requireOwnSchema(_ reader: any Reader) throws {
        let version = try reader.first("SELECT max(version) FROM schema_migrations") { Int(try $0.integer(0)) } ?? 0
        guard version == source.schema.version else {
            throw StoreError.newerSchema(installed: version, known: source.schema.version)
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
