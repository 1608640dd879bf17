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

    /// Asks a database; nil when it holds no store.
    /// - Throws: `SQLError`.
    init?(reading database: any Database) throws {
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
                s.capture_revision
            FROM schema_migrations AS m JOIN store_state AS s ON s.id = 1 ORDER BY m.version DESC LIMIT 1
            """
        ) { row in
            (
                Int(try row.integer(0)), Int(try row.integer(1)), try row.text(2), try row.text(3),
                Int(try row.integer(4))
            )
        }
        guard let found else { return nil }
        (version, oldestReader, workspaceID, replicaID, captureRevision) = found
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
