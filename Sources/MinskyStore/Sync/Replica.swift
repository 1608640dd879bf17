import MinskyModel
import MinskySQL

/// A store with an upstream: another store of the same workspace, which decides about the order of operations and about
/// edits that met without having seen each other.
///
/// Edits are made in the replica alone. `push` brings those that wait to the upstream, which takes each at most once, by its
/// id, however often it is sent. `pull` brings what the upstream has in its order; one's own operations come back and are
/// thereby acknowledged, so that a lost answer costs nothing.
public struct Replica: Sendable {
    public let store: Store
    public let upstream: Store
    /// About how many changes travel at once; an operation is never split.
    public var batch = 2000

    /// Puts a store and its upstream together, and does nothing yet.
    public init(_ store: Store, upstream: Store) {
        self.store = store
        self.upstream = upstream
    }

    /// What a sync has brought.
    public struct Result: Sendable, Hashable {
        /// Operations that were taken by the upstream.
        public var pushed = 0
        /// Operations of others that came from there.
        public var pulled = 0
        /// Conflicts that were decided about, or left open, for what was pushed.
        public var conflicts = 0

        /// Nothing yet.
        public init() {}
    }

    /// Pulls, pushes, and pulls what became of it.
    /// - Throws: as `pull` and `push`.
    public func sync() throws -> Result {
        var result = Result()
        var stop: StoreError?
        do { result.pulled = try pull() } catch let error as StoreError where error.code == .newerSchema {
            // What comes next is not understood here; what was made here is still brought there.
            stop = error
        }
        let sent = try push()
        result.pushed = sent.operations
        result.conflicts = sent.conflicts
        if let stop { throw stop }
        if sent.operations > 0 || result.pulled > 0 { result.pulled += try pull() }
        return result
    }

    // MARK: Where the two stand

    /// The last operation of the upstream that a store has.
    struct Cursor: Hashable, Sendable {
        var sequence: Int64
        var operation: String?

        init(sequence: Int64, operation: String?) {
            self.sequence = sequence
            self.operation = operation
        }

        init(_ reader: any Reader) throws {
            let last = try reader.first(
                "SELECT sequence, id FROM operations WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
            ) { (try $0.place(0), try $0.text(1)) }
            sequence = last?.0 ?? 0
            operation = last?.1
        }

        /// Makes sure that an upstream has what came from there.
        /// - Throws: `StoreError` with code `.diverged`.
        func require(_ state: UpstreamState) throws {
            guard sequence == 0 || state.operation == operation else {
                throw StoreError(
                    .diverged,
                    "the upstream does not have operation \(operation ?? "") any more, which came from there: it was restored "
                        + "from a backup, or is another store")
            }
        }
    }

    /// What an upstream says of itself, asked with one question.
    struct UpstreamState {
        let version: Int
        /// The sequence up to which its log has no changes any more.
        let floor: Int64
        let head: Int64
        /// Whether operations have yet to be numbered.
        let isUnnumbered: Bool
        /// The operation at the place that was asked for.
        let operation: String?
        /// Its moment.
        let now: Timestamp
    }

    /// Makes sure, in a transaction of the upstream, that it is still one of this workspace.
    /// - Parameter sequence: A place in its order of which the operation is asked for.
    @discardableResult
    func requireUpstream(_ reader: any Reader, at sequence: Int64 = 0) throws -> UpstreamState {
        let now = SQL(unsafeRaw: reader.dialect == .sqlite ? Capture.sqliteMoment : "transaction_timestamp()")
        let found = try reader.first(
            """
            SELECT s.workspace_id, s.phase, s.base, s.floor, (SELECT max(version) FROM schema_migrations),
                coalesce((SELECT max(sequence) FROM operations), 0),
                (SELECT count(*) FROM (SELECT 1 FROM operations WHERE sequence IS NULL LIMIT 1) AS pending),
                (SELECT id FROM operations WHERE sequence = \(sequence)), \(now)
            FROM store_state AS s
            """
        ) { row in
            guard try row.text(0) == store.installed.workspaceID else {
                throw StoreError(.foreign, "the upstream holds another workspace, \(try row.text(0))")
            }
            guard StorePhase(rawValue: try row.text(1))?.isOpen == true else { throw StoreError.moved }
            guard try row.optionalInteger(2) == nil else {
                throw StoreError(.conflict, "the upstream has an upstream itself; sync with that one")
            }
            return UpstreamState(
                version: Int(try row.integer(4)), floor: try row.place(3), head: try row.place(5),
                isUnnumbered: try row.integer(6) > 0, operation: try row.optionalText(7), now: try row.timestamp(8))
        }
        guard let found else {
            throw StoreError(.notInitialized, "there is no store at the upstream any more")
        }
        guard found.floor <= found.head else {
            throw StoreError(
                .corrupt,
                "the upstream says that its log begins after operation \(found.floor), but has only \(found.head); "
                    + "store_state.floor was written by hand")
        }
        return found
    }
}

extension Reader {
    /// The last sequence that a store has pulled from its upstream; nil when it has none.
    func base() throws -> Int64? {
        try first("SELECT base FROM store_state") { try $0.optionalInteger(0) } ?? nil
    }

    /// The strategies of a workspace, by table.
    func strategies() throws -> [String: SyncStrategy] {
        let found = try rows("SELECT table_name, strategy FROM sync_strategies") {
            (try $0.text(0), SyncStrategy(rawValue: try $0.text(1)) ?? .mergeFields)
        }
        return Dictionary(found) { first, _ in first }
    }
}

/// Asks for the same once more, looking at each change.
struct CareNeeded: Error {}

/// How operations are tried on rows.
struct Care {
    /// Whether each change is looked at by itself, as the rows did not stand together.
    var isNeeded = false
    /// Operations that do not fit at all: nothing of them takes effect.
    var refused: Set<String> = []
    /// The operation that is being tried.
    var current: String?
    /// Whether it has been tried again: somebody else may have made a row in between.
    private var isRepeated = false

    /// Whether something that was tried has to be looked at more closely.
    static func isNeeded(after error: any Error) -> Bool {
        error is CareNeeded || (error as? SQLError)?.kind == .constraint
    }

    /// Tries something; when the rows cannot be together, change by change, and then without the operation that does not fit.
    static func taking<Result>(_ body: (inout Care) throws -> Result) throws -> Result {
        var care = Care()
        while true {
            do {
                return try body(&care)
            } catch is CareNeeded where !care.isNeeded {
                care.isNeeded = true
            } catch let error as SQLError where error.kind == .constraint {
                if care.isNeeded, care.isRepeated {
                    guard let current = care.current, care.refused.insert(current).inserted else { throw error }
                }
                care.isRepeated = care.isNeeded
                care.isNeeded = true
            }
        }
    }
}

extension LoggedOperation {
    /// The operation as its author made it, before it was laid over what others did.
    func asIntended() -> LoggedOperation {
        var copy = self
        copy.changes = changes.compactMap(\.asIntended)
        return copy
    }

    /// Whether it changes how tasks hang together, or claims a foreign id.
    var isStructural: Bool {
        changes.contains { change in
            change.table == "task_dependencies"
                || change.table == "tasks"
                    && ["parent_id", Column.deletedAt, "external_ref"].contains { name in
                        (change.after?[name] ?? .null) != .null || (change.before?[name] ?? .null) != .null
                    }
        }
    }
}

extension Change {
    /// The change as its author made it; nil for one that came about by laying over. Where that cannot be read, the change
    /// cannot be either, and has what it says by now beside it.
    fileprivate var asIntended: Change? {
        guard let original else { return with { $0.lost = nil } }
        guard !isDerived else { return nil }
        // The rows of some tables are never removed.
        let keepsRows = Schema.current.table(table)?.keepsDeletedRows == true
        if let kind = original["kind"]?.string, let known = Kind(rawValue: kind), known != .delete || !keepsRows,
            let fields = original["fields"], fields.members?.isEmpty == false
        {
            return Change(table: table, rowID: rowID, kind: kind, fields: fields)
        }
        let reason: JSON =
            original[Self.unreadable] != nil
            ? original : [Self.unreadable: "what was meant cannot be read", "text": .string(original.text())]
        let present = (after?.members ?? []).filter { reason[$0.key] == nil }
        let side = JSON.object((reason.members ?? []) + present)
        return Change(table: table, rowID: rowID, kind: .update, before: side, after: side)
    }

    /// Whether it came about by laying over: it repairs the tree of the tasks, which nobody meant.
    private var isDerived: Bool {
        guard original?.members?.isEmpty == true, table == "tasks", kind == .update else { return false }
        return (after?.members ?? []).allSatisfy { ["parent_id", Column.deletedAt].contains($0.key) }
    }

    func with(_ change: (inout Change) -> Void) -> Change {
        var copy = self
        change(&copy)
        return copy
    }
}

extension WorkingRows {
    /// Makes sure that what was written closes no circle.
    /// - Throws: `CareNeeded`.
    func requireNoCircles(_ operations: [LoggedOperation]) throws {
        let changes = operations.flatMap(\.changes)
        let session = ReadSession(reader: writer, schema: schema)
        do {
            let moved = Set(
                changes.filter { $0.table == "tasks" && $0.after?["parent_id"]?.string != nil }.map(\.rowID)
            )
            .union(moved).sorted()
            try session.requireNoCircle(throughParentsOf: moved)
            let waiting = changes.filter { $0.table == "task_dependencies" && $0.kind == .insert }
                .map { String($0.rowID.unicodeScalars.prefix { $0 != "/" }) }
            try session.requireNoCircle(throughDependenciesOf: waiting)
        } catch let error as StoreError where error.code == .conflict {
            throw CareNeeded()
        }
    }

    /// Makes sure that no task claims a foreign id that another one has, not even between two of the operations.
    /// - Throws: `CareNeeded`.
    func requireFreeReferences(_ operations: [LoggedOperation]) throws {
        var claims: [[UInt8]: String] = [:]
        for change in operations.flatMap(\.changes) where change.table == "tasks" {
            guard let reference = change.after?["external_ref"]?.string else { continue }
            let other = claims.updateValue(change.rowID, forKey: Array(reference.utf8))
            if let other, other != change.rowID { throw CareNeeded() }
        }
        guard !claims.isEmpty else { return }
        let references = claims.keys.map { String(decoding: $0, as: UTF8.self) }
        try writer.query(
            "SELECT external_ref, id FROM tasks WHERE external_ref IN (\(writer.listed(references)))"
        ) { row in
            if claims[Array(try row.text(0).utf8)] != (try row.text(1)) { throw CareNeeded() }
        }
    }
}
