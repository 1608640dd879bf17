/// One action of a person or an agent as the change log has it: the unit of undo, of history and of sync.
public struct LoggedOperation: Sendable, Hashable {
    /// The place in the order in which this store came to know of operations.
    public var number: Int64
    /// 80 random bits, the operation's one name everywhere.
    public var id: String
    /// The place in the workspace's order of commits: dense, from 1; nil as long as it is not known.
    public var sequence: Int64?
    /// The store the operation was made in.
    public var replicaID: String
    /// Who acted, by their own word.
    public var actor: String
    /// Who was logged in to the database, where it knows.
    public var role: String?
    /// What was typed, in a word or two: `add`, `tasks move`; `sql` for an edit by hand.
    public var command: String?
    /// The operation that this one takes back, if it is an undo.
    public var reverts: String?
    public var hlc: HybridTimestamp
    /// The upstream sequence the replica had seen, or nil in a store without an upstream.
    public var base: Int64?
    public var schemaVersion: Int
    /// When this store came to know of it.
    public var recordedAt: Timestamp
    /// Whether what took effect at the upstream is not what was pushed.
    public var isAltered: Bool
    /// In the order in which they were made.
    public var changes: [Change]

    /// Creates an operation from all of its parts.
    public init(
        number: Int64, id: String, sequence: Int64?, replicaID: String, actor: String, role: String?, command: String?,
        reverts: String?, hlc: HybridTimestamp, base: Int64?, schemaVersion: Int, recordedAt: Timestamp,
        isAltered: Bool = false, changes: [Change]
    ) {
        self.number = number
        self.id = id
        self.sequence = sequence
        self.replicaID = replicaID
        self.actor = actor
        self.role = role
        self.command = command
        self.reverts = reverts
        self.hlc = hlc
        self.base = base
        self.schemaVersion = schemaVersion
        self.recordedAt = recordedAt
        self.isAltered = isAltered
        self.changes = changes
    }
}

extension LoggedOperation {
    /// The operation's changes as the documented JSON objects, each with what it shares with the others.
    public var changesJSON: [JSON] {
        changes.map { change in
            [
                "sequence": sequence.map(JSON.integer) ?? .null,
                "operationId": .string(id),
                "actor": .string(actor),
                "at": .string(hlc.timestamp.iso8601),
                "table": .string(change.table),
                "rowId": .string(change.rowID),
                "kind": .string(change.kind.rawValue),
                "before": change.before ?? .null,
                "after": change.after ?? .null,
                "role": .optional(role),
                "command": .optional(command),
                "reverts": .optional(reverts),
                "lost": change.lost ?? .null,
            ]
        }
    }
}
