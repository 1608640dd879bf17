import MinskyModel
import MinskySQL

/// Which way the rows of a table go between a replica and its upstream.
public enum SyncPolicy: String, Sendable, CaseIterable {
    /// Both ways.
    case both
    /// From here to the upstream only.
    case push
    /// From the upstream to here only: they are not changed here.
    case pull
    /// They are at the upstream alone: those made here go there and leave, and who reads them asks the upstream.
    case shared
    /// Neither way: they never leave this store.
    case isolated

    static var list: String { allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ") }

    var isPushed: Bool { self == .both || self == .push || self == .shared }
    var isPulled: Bool { self == .both || self == .pull }
}

/// Which way each table goes between a replica and its upstream.
public struct SyncPolicies: Sendable, Hashable {
    /// What holds where nobody has chosen. Calls of models are somebody's own expenses: the upstream sums them up.
    public static let defaults: [String: SyncPolicy] = ["ai_calls": .push]

    /// Those that were chosen, by table.
    public private(set) var chosen: [String: SyncPolicy]

    init(_ chosen: [String: SyncPolicy] = [:]) { self.chosen = chosen }

    /// The policy of a table.
    public subscript(table: String) -> SyncPolicy { chosen[table] ?? Self.defaults[table] ?? .both }

    /// The tables of a schema whose rows are not pushed.
    public func unpushed(_ schema: Schema) -> Set<String> {
        Set(schema.domainTables.map(\.name).filter { !self[$0].isPushed })
    }

    /// The tables of a schema whose rows are not pulled.
    func unpulled(_ schema: Schema) -> Set<String> {
        Set(schema.domainTables.map(\.name).filter { !self[$0].isPulled })
    }

    /// The tables of a schema whose rows are at the upstream alone.
    func shared(_ schema: Schema) -> [Table] { schema.domainTables.filter { self[$0.name] == .shared } }

    func setting(_ policy: SyncPolicy, of table: String) -> SyncPolicies {
        var copy = self
        copy.chosen[table] = policy
        return copy
    }

    /// Makes sure that whatever a row refers to is where the row is.
    /// - Throws: `StoreError` with code `.conflict`.
    func requireWhole(_ schema: Schema) throws {
        for table in schema.domainTables {
            for reference in Set(table.columns.compactMap(\.references)) {
                let (mine, other) = (self[table.name], self[reference])
                guard (!mine.isPushed || other.isPushed) && (!mine.isPulled || other.isPulled) else {
                    throw StoreError(
                        .conflict,
                        "\(table.name) (\(mine.rawValue)) refers to \(reference), which cannot be \(other.rawValue) then"
                    )
                }
            }
        }
    }
}

extension Schema {
    /// Why the rows of a table cannot be at the upstream alone, or nil when they can.
    func objectionToSharing(_ table: Table) -> String? {
        if let other = domainTables.first(where: { $0.columns.contains { $0.references == table.name } }) {
            return "\(table.name) cannot be shared: \(other.name) refers to its rows, which have to be here then"
        }
        guard table.isAppendOnly, table.key.count == 1 else {
            return
                "\(table.name) cannot be shared: its rows are changed, or lists of tasks need them, also without the upstream"
        }
        return nil
    }
}

extension StoreSession {
    /// Which way each table goes.
    public func policies() throws -> SyncPolicies { try reader.policies() }
}

extension Reader {
    func policies() throws -> SyncPolicies {
        let found = try rows("SELECT table_name, policy FROM sync_policies") {
            (try $0.text(0), SyncPolicy(rawValue: try $0.text(1)))
        }
        return SyncPolicies(
            Dictionary(found.compactMap { table, policy in policy.map { (table, $0) } }) { first, _ in first })
    }
}

extension Store {
    /// Chooses which way a table goes from now on.
    ///
    /// What is only pulled is not changed here: triggers refuse it, to a shell too. Rows of a table that was not pushed before
    /// and is now are pushed as one operation.
    /// - Returns: Whether rows of the upstream have to be brought here, by `Replica.takeSnapshot`.
    /// - Throws: `StoreError` with code `.conflict` when other tables refer to it, or it belongs to sync itself; `SQLError`.
    public func setPolicy(_ policy: SyncPolicy, of table: String, as operation: OperationContext) throws -> Bool {
        guard let description = schema.table(table), description.isDomain else {
            throw StoreError(.notFound, "there is no table '\(table)' that is synced")
        }
        guard !["conflicts", "sync_strategies", "actors"].contains(table) || policy == .both else {
            throw StoreError(.conflict, "\(table) goes both ways, as every replica needs it")
        }
        return try database.write { writer in
            let old = try writer.policies()
            guard policy != old[table] else { return false }
            if policy == .shared {
                if let objection = schema.objectionToSharing(description) { throw StoreError(.conflict, objection) }
                guard try writer.base() != nil else {
                    throw StoreError(.conflict, "there is no upstream, where alone the rows of a shared table are")
                }
            }
            try writer.requireSettled(description, schema, from: old[table], to: policy)
            try old.setting(policy, of: table).requireWhole(schema)
            try writer.execute("DELETE FROM sync_policies WHERE table_name = \(table)")
            try writer.execute("INSERT INTO sync_policies (table_name, policy) VALUES (\(table), \(policy.rawValue))")
            // What had nothing to push may have now.
            try writer.execute("UPDATE sync_state SET passed = 0")
            try writer.dropTriggers { $0.hasPrefix("policy_") && $0.hasSuffix("_" + table) }
            if policy == .pull {
                try writer.refuseChanges(
                    of: description, naming: "policy",
                    because: "rows of \(table) come from the upstream only (minsky sync policy)")
            }
            if policy.isPushed, !old[table].isPushed {
                try writer.announceRows(of: description, schema, as: operation)
            }
            let lacksRows = policy.isPulled && !old[table].isPulled
            if lacksRows { try writer.execute("UPDATE sync_state SET needs_snapshot = 1") }
            return lacksRows
        }
    }
}

extension Writer {
    /// Makes sure that nothing is lost when a table goes another way.
    fileprivate func requireSettled(
        _ table: Table, _ schema: Schema, from old: SyncPolicy, to new: SyncPolicy
    ) throws {
        if old.isPushed, !new.isPushed, try base() != nil {
            let waiting = try first(
                """
                SELECT 1 FROM changes WHERE table_name = \(table.name)
                    AND operation IN (SELECT number FROM operations WHERE sequence IS NULL) LIMIT 1
                """
            ) { try $0.integer(0) }
            guard waiting == nil else {
                throw StoreError(.conflict, "edits of \(table.name) wait to be pushed; minsky sync pushes them first")
            }
        }
        if !old.isPushed, new == .pull {
            let row = try first("SELECT 1 FROM \(unsafeRaw: table.name) LIMIT 1") { try $0.integer(0) }
            guard row == nil else {
                throw StoreError(
                    .conflict,
                    "\(table.name) has rows that are only here; the policy both brings them to the upstream first")
            }
        }
    }

    /// Appends an operation that says of all rows of a table that they were made.
    fileprivate func announceRows(of table: Table, _ schema: Schema, as operation: OperationContext) throws {
        let copy = TableCopy(table)
        var changes: [Change] = []
        try copy.rows(self) { values in
            changes.append(
                Change(
                    table: table.name, rowID: copy.rowID(values), kind: .insert, before: nil,
                    after: copy.fields(values).json))
        }
        guard !changes.isEmpty, let replica = try first("SELECT replica_id FROM store_state", as: { try $0.text(0) })
        else {
            return
        }
        let hlc = try first("SELECT coalesce(max(hlc), 0) + 1 FROM operations") { try $0.integer(0) } ?? 0
        let now = HybridTimestamp(milliseconds: operation.now.microseconds / 1000)
        let base = try self.base()
        let next =
            base == nil && dialect == .sqlite
            ? try first("SELECT coalesce(max(sequence), 0) + 1 FROM operations") { try $0.integer(0) } : nil
        try append([
            LoggedOperation(
                number: 0, id: operation.id, sequence: next, replicaID: replica, actor: operation.actor, role: nil,
                command: operation.command, reverts: nil, hlc: max(now, HybridTimestamp(rawValue: hlc)),
                base: base,
                schemaVersion: schema.version, recordedAt: operation.now, changes: changes)
        ])
    }
}
