/// One row of the change log: what one operation did to one row of one table.
public struct Change: Sendable, Hashable {
    /// What happened to the row.
    public enum Kind: String, Sendable { case insert, update, delete }

    /// The place in the store's order of commits: dense, from 1.
    public var sequence: Int64
    /// The store the change was made in.
    public var replicaID: String
    /// The change's number among those of its replica; unique together with the replica id.
    public var replicaSequence: Int64
    /// The user action the change belongs to, the unit of undo.
    public var operationID: String
    /// The operation that this one takes back, if it is an undo.
    public var reverts: String?
    public var actor: String
    public var hlc: HybridTimestamp
    /// The upstream sequence the replica had seen, or nil in a store without an upstream.
    public var base: Int64?
    public var table: String
    /// The row's key; the parts of a compound key are joined by `/`.
    public var rowID: String
    public var kind: Kind
    /// The changed fields before, an object, or nil for an insert.
    public var before: JSON?
    /// The changed fields after, an object, or nil for a delete.
    public var after: JSON?
    public var schemaVersion: Int

    /// Creates a change from all of its parts.
    public init(
        sequence: Int64, replicaID: String, replicaSequence: Int64, operationID: String, reverts: String?,
        actor: String, hlc: HybridTimestamp, base: Int64?, table: String, rowID: String, kind: Kind, before: JSON?,
        after: JSON?, schemaVersion: Int
    ) {
        self.sequence = sequence
        self.replicaID = replicaID
        self.replicaSequence = replicaSequence
        self.operationID = operationID
        self.reverts = reverts
        self.actor = actor
        self.hlc = hlc
        self.base = base
        self.table = table
        self.rowID = rowID
        self.kind = kind
        self.before = before
        self.after = after
        self.schemaVersion = schemaVersion
    }
}

extension Change {
    /// The change as the documented JSON object.
    public var json: JSON {
        [
            "sequence": .integer(sequence),
            "operationId": .string(operationID),
            "actor": .string(actor),
            "at": .string(hlc.timestamp.iso8601),
            "table": .string(table),
            "rowId": .string(rowID),
            "kind": .string(kind.rawValue),
            "before": before ?? .null,
            "after": after ?? .null,
        ]
    }
}
