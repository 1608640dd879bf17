import MinskyModel
import MinskySQL

/// Brings a database to a schema's version, in one transaction.
struct Migrator {
    let schema: Schema
    let database: any Database

    /// The version a database is at; 0 when it holds no store.
    func installedVersion() throws -> Int {
        try database.read { connection in
            // Asked first: in PostgreSQL another program may have a table of this name further down the search path.
            guard try Self.hasMigrations(connection) else { return 0 }
            return try connection.first("SELECT coalesce(max(version), 0) FROM schema_migrations") {
                Int(try $0.integer(0))
            } ?? 0
        }
    }

    /// Applies the migrations that are missing. Does nothing when another process has just applied them.
    func migrate(replicaID: String, now: Timestamp) throws {
        try database.write { connection in
            if database.dialect == .postgres {
                // Several commands may meet a new or an old schema at once; one migrates, the others find it done.
                try connection.query("SELECT pg_advisory_xact_lock(hashtext('minsky.migrate'))") { _ in }
                try connection.executeScript(
                    "DO $$ BEGIN EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', \(Self.currentSchemaSQL)); END $$")
            }
            var installed = 0
            if try Self.hasMigrations(connection) {
                installed =
                    try connection.first("SELECT coalesce(max(version), 0) FROM schema_migrations") {
                        Int(try $0.integer(0))
                    } ?? 0
            } else {
                try createStore(connection, replicaID: replicaID, now: now)
            }
            let missing = schema.migrations.filter { $0.version > installed }
            guard !missing.isEmpty else { return }
            for migration in missing {
                for step in migration.steps {
                    if let sql = TableDefinition.sql(for: step, dialect: database.dialect) {
                        try connection.executeScript(sql)
                    }
                }
                try connection.execute(
                    """
                    INSERT INTO schema_migrations (version, title, applied_at)
                    VALUES (\(migration.version), \(migration.title), \(now))
                    """)
            }
            try connection.executeScript(try triggerScript(connection))
        }
    }

    /// The statements that define the schema's triggers in a database.
    func triggerScript(_ connection: any Connection) throws -> String {
        let script = ChangeLogDefinition.triggers(for: schema, database.dialect)
        guard database.dialect == .postgres else { return script }
        let name = try connection.first("SELECT quote_ident(current_schema())") { try $0.text(0) } ?? "public"
        // Within a text literal the name's own quotes are doubled.
        let literal = name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        return script.split(separator: "'@schema@", omittingEmptySubsequences: false).joined(separator: "'" + literal)
            .split(separator: "@schema@", omittingEmptySubsequences: false).joined(separator: name)
    }

    /// The first name of the search path, whether or not there is such a schema yet.
    private static let currentSchemaSQL =
        #"(parse_ident((regexp_match(current_setting('search_path'), '^("([^"]|"")*"|[^,]*)'))[1]))[1]"#

    private static func hasMigrations(_ connection: any Connection) throws -> Bool {
        let count =
            switch connection.dialect {
            case .sqlite:
                try connection.first("SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'") {
                    try $0.integer(0)
                }
            case .postgres:
                try connection.first(
                    """
                    SELECT count(*) FROM pg_tables WHERE tablename = 'schema_migrations'
                    AND schemaname = \(unsafeRaw: currentSchemaSQL)
                    """
                ) { try $0.integer(0) }
            }
        return count == 1
    }

    private func createStore(_ connection: any Connection, replicaID: String, now: Timestamp) throws {
        let (integer, text, time, options) =
            database.dialect == .sqlite
            ? ("INTEGER", "TEXT", "TEXT", " STRICT") : ("bigint", "text", "timestamptz", "")
        try connection.executeScript(
            """
            CREATE TABLE schema_migrations (
                version \(integer) NOT NULL PRIMARY KEY,
                title \(text) NOT NULL,
                applied_at \(time) NOT NULL
            )\(options)
            """)
        try connection.executeScript(ChangeLogDefinition.create(database.dialect))
        try connection.execute(
            "INSERT INTO store_state (id, replica_id, created_at) VALUES (1, \(replicaID), \(now))")
    }
}
