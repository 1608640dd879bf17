import MinskyModel
import MinskySQL

/// Brings a database to a schema's version and its triggers to this program's, in one transaction.
struct Migrator {
    let schema: Schema
    let database: any Database

    /// Whether a store lacks migrations or has older triggers than this program makes. What a newer program has made is
    /// left alone.
    static func isDue(_ installed: InstalledStore?, _ schema: Schema) -> Bool {
        guard let installed else { return false }
        if installed.version != schema.version { return installed.version < schema.version }
        return installed.captureRevision < Capture.revision
    }

    /// Whether a newer program has been at a store.
    static func isNewer(_ installed: InstalledStore, _ schema: Schema) -> Bool {
        installed.version > schema.version || installed.captureRevision > Capture.revision
    }

    /// Applies what is missing. Does nothing when another process has just done so.
    /// - Parameter identity: The ids of a new store, or nil when there has to be one.
    /// - Throws: `StoreError` with code `.foreign` when the database holds something else; `SQLError`.
    func migrate(creatingWith identity: StoreIdentity?, now: Timestamp) throws {
        try database.write { writer in
            // Several commands may meet a new or an old schema at once; one migrates, the others find it done.
            try writer.lockMigrations()
            let installed = try InstalledStore(reader: writer)
            if installed != nil { try writer.waitForOperations() }
            if installed == nil {
                guard identity != nil else {
                    throw StoreError(.notInitialized, "the database holds no minsky store")
                }
                try createVersions(writer)
            } else if !Self.isDue(installed, schema) {
                return
            }
            try apply(schema.migrations.filter { $0.version > installed?.version ?? 0 }, writer, now: now)
            if installed == nil, let identity { try note(identity, writer, now: now) }
            try installCapture(writer)
        }
    }

    /// Makes a new store that is filled before it has keys, indexes and triggers, which is faster, and what is to be logged has been
    /// logged elsewhere.
    /// - Parameters:
    ///   - fill: Writes the rows.
    ///   - thereafter: Does what has to be done once everything is there, in the same transaction.
    /// - Throws: `StoreError` with code `.foreign` when there is something already; `SQLError`; what the closures throw.
    func create(
        _ identity: StoreIdentity, now: Timestamp, filling fill: (any Writer) throws -> Void,
        thereafter: (any Writer) throws -> Void
    ) throws {
        try database.write { writer in
            try writer.lockMigrations()
            try createVersions(writer)
            try apply(schema.migrations, writer, now: now, steps: \.isTable, isWhole: false)
            try note(identity, writer, now: now)
            if writer.dialect == .sqlite { try writer.deferReferences() }
            try fill(writer)
            for step in schema.migrations.flatMap(\.steps) {
                try run(step.keys(writer.dialect) + (step.isTable ? [] : step.sql(writer.dialect)), writer)
            }
            try writer.learnContents(schema)
            try installCapture(writer)
            try thereafter(writer)
        }
    }

    private func apply(
        _ migrations: [SchemaMigration], _ writer: any Writer, now: Timestamp,
        steps isWanted: (SchemaStep) -> Bool = { _ in true }, isWhole: Bool = true
    ) throws {
        for migration in migrations {
            for step in migration.steps where isWanted(step) {
                try run(step.sql(writer.dialect) + (isWhole ? step.keys(writer.dialect) : []), writer)
            }
            try writer.execute(
                """
                INSERT INTO schema_migrations (version, title, applied_at, oldest_reader)
                VALUES (\(migration.version), \(migration.title), \(now), \(migration.oldestReader))
                """)
        }
    }

    private func run(_ statements: [String], _ writer: any Writer) throws {
        if !statements.isEmpty { try writer.executeScript(statements.joined(separator: ";\n")) }
    }

    private func note(_ identity: StoreIdentity, _ writer: any Writer, now: Timestamp) throws {
        try writer.execute(
            """
            INSERT INTO store_state (id, workspace_id, replica_id, place, created_at)
            VALUES (1, \(identity.workspaceID), \(identity.replicaID), \(try place(writer)), \(now))
            """)
    }

    /// Makes the triggers anew and notes which they are.
    func installCapture(_ writer: any Writer) throws {
        let capture = Capture(schema: schema, dialect: writer.dialect)
        let name = writer.dialect == .sqlite ? "" : try schemaName(writer)
        try writer.dropTriggers { Capture.isOwn($0) && !$0.hasPrefix("fence_") && !$0.hasPrefix("policy_") }
        try writer.executeScript(Capture.qualified(capture.script, name))
        try writer.execute("UPDATE store_state SET capture_revision = \(Capture.revision)")
    }

    /// The one table that has to be there before any migration.
    private static let versions = Table(
        "schema_migrations", .local, key: ["version"],
        comment: "One row is a migration of the schema that was applied.",
        columns: [
            .required("version", .integer, "Counted from 1."),
            .required("title", .text, "What it brought.").trusted,
            .required("applied_at", .timestamp, "When it was applied.").trusted,
            .required("oldest_reader", .integer, "The oldest version whose programs may go on with the store."),
        ])

    private func createVersions(_ writer: any Writer) throws {
        try writer.requireEmpty()
        let step = SchemaStep.createTable(Self.versions)
        try run(step.sql(writer.dialect) + step.keys(writer.dialect), writer)
    }

    private func schemaName(_ writer: any Writer) throws -> String {
        try writer.first("SELECT quote_ident(current_schema())") { try $0.text(0) } ?? "public"
    }

    private func place(_ writer: any Writer) throws -> String? {
        if let place = database.place { return place }
        guard writer.dialect == .postgres else { return nil }
        return try writer.first(
            """
            SELECT (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/'
                || (SELECT oid FROM pg_namespace WHERE nspname = current_schema())::text
            """
        ) { try $0.text(0) }
    }
}
