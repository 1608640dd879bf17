import MinskyModel
import MinskySQL

/// What a store says of itself before anything else is known of it.
public struct InstalledStore: Sendable, Hashable {
    /// The version of its schema.
    public let version: Int
    /// The oldest version whose programs may read and write it.
    public let oldestReader: Int
    public let workspaceID: String
    public let replicaID: String
    /// The revision of the triggers that write its change log.
    public let captureRevision: Int
    /// Whether it is where the workspace is.
    public let phase: StorePhase
    /// The id of the relocation it takes part in, or took part in last.
    public let relocation: String?
    /// The other place of that relocation.
    public let peer: DatabasePlace?
    /// The file that was saved before that relocation.
    public let backup: String?
    /// When that relocation began.
    public let relocatedAt: Timestamp?

    private init(
        version: Int, oldestReader: Int, workspaceID: String, replicaID: String, captureRevision: Int,
        phase: StorePhase,
        relocation: String?, peer: DatabasePlace?, backup: String?, relocatedAt: Timestamp?
    ) {
        self.version = version
        self.oldestReader = oldestReader
        self.workspaceID = workspaceID
        self.replicaID = replicaID
        self.captureRevision = captureRevision
        self.phase = phase
        self.relocation = relocation
        self.peer = peer
        self.backup = backup
        self.relocatedAt = relocatedAt
    }

    /// Asks a database; nil when it holds no store.
    /// - Throws: `SQLError`.
    public init?(reading database: any Database) throws {
        guard let found = try database.read(Self.init(reader:)) else { return nil }
        self = found
    }

    /// Asks in a transaction; nil when the database holds no store.
    /// - Throws: `SQLError`.
    init?(reader: any Reader) throws {
        // Asked first: in PostgreSQL another program may have a table of this name further down the search path.
        guard try Self.exists(reader) else { return nil }
        let found = try reader.first(
            """
            SELECT m.version, (SELECT max(oldest_reader) FROM schema_migrations), s.workspace_id, s.replica_id,
                s.capture_revision, s.phase, s.relocation, s.peer, s.backup, s.relocated_at,
                s.peer_schema
            FROM schema_migrations AS m JOIN store_state AS s ON s.id = 1 ORDER BY m.version DESC LIMIT 1
            """
        ) { row in
            let phase = try row.text(5)
            guard let phase = StorePhase(rawValue: phase) else {
                throw StoreError(.corrupt, "the store is in the unknown phase '\(phase)'")
            }
            return InstalledStore(
                version: Int(try row.integer(0)), oldestReader: Int(try row.integer(1)), workspaceID: try row.text(2),
                replicaID: try row.text(3), captureRevision: Int(try row.integer(4)), phase: phase,
                relocation: try row.optionalText(6),
                peer: try row.optionalText(7).map { DatabasePlace(url: $0, schema: try row.optionalText(10)) },
                backup: try row.optionalText(8),
                relocatedAt: try row.optionalTimestamp(9))
        }
        guard let found else { return nil }
        self = found
    }

    /// Whether there is a table of migrations where names are looked up first.
    private static func exists(_ reader: any Reader) throws -> Bool {
        let count =
            switch reader.dialect {
            case .sqlite:
                try reader.first("SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'") {
                    try $0.integer(0)
                }
            case .postgres:
                try reader.first(
                    """
                    SELECT count(*) FROM pg_tables WHERE tablename = 'schema_migrations'
                    AND schemaname = \(Dialect.firstSchema)
                    """
                ) { try $0.integer(0) }
            }
        return count == 1
    }
}

/// The ids of a new store.
public struct StoreIdentity: Sendable {
    /// Shared by all replicas of a workspace.
    public var workspaceID: String
    /// This store's own.
    public var replicaID: String

    /// Creates the ids.
    public init(workspaceID: String, replicaID: String) {
        self.workspaceID = workspaceID
        self.replicaID = replicaID
    }
}
