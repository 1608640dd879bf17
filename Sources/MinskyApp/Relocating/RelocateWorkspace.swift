import Foundation
import MinskyModel
import MinskySQL
import MinskyStore

/// Moves a workspace from its SQLite file to PostgreSQL, or back, with its history, while others go on working.
public struct RelocateWorkspace: Sendable {
    /// Where to.
    public enum Direction: Sendable, Hashable {
        /// To a schema of a PostgreSQL database.
        case upgrade(url: String, schema: String)
        /// To where an upgrade that was begun goes.
        case continued
        /// To the SQLite file that the workspace came from, or to a new one.
        case rollback
    }

    /// How far to go.
    public enum Extent: Sendable {
        /// The workspace is in the other place in the end.
        case allTheWay
        /// The other place follows the workspace and is close behind.
        case following
        /// The other place follows the workspace, and there was a moment at which nothing was left to bring.
        case caughtUp
    }

    /// What is being done, told as it begins.
    public enum Progress: Sendable, Hashable {
        case checking
        case backingUp(path: String)
        case moving(Relocation.Progress)
        case switching(to: DatabasePlace)
    }

    /// What was done, or what would be.
    public struct Result: Sendable {
        public let direction: Direction
        public let place: DatabasePlace
        public let backup: String?
        public let tables: [(table: String, rows: Int)]
        /// The changes that were brought to a file that had the earlier ones.
        public let changes: Int
        public let milliseconds: Int
        public let isDryRun: Bool

        /// The documented JSON object.
        public var json: JSON {
            let tables = JSON.array(self.tables.map { ["table": .string($0.table), "rows": .integer(Int64($0.rows))] })
            let time = JSON.integer(Int64(milliseconds))
            switch direction {
            case .upgrade, .continued:
                return [
                    "database": .string(place.url), "schema": .optional(place.schema), "backup": .optional(backup),
                    "tables": tables, "milliseconds": time,
                ]
            case .rollback:
                return [
                    "database": .string(place.url), "tables": tables, "changesBrought": .integer(Int64(changes)),
                    "milliseconds": time,
                ]
            }
        }
    }

    public var direction: Direction
    /// Whether only what is in the way is looked for.
    public var isDryRun: Bool
    /// Who takes values along that the change log does not tell of, or nil to refuse them.
    public var valueTaker: Caller?
    public var extent = Extent.allTheWay
    /// Whether the other place is followed up for as long as it takes before everybody has to wait.
    public var isLive = false
    /// Whether the workspace is moved although others have its store as their upstream.
    public var leavesPeers = false

    /// Creates the request.
    public init(_ direction: Direction, isDryRun: Bool = false, takingValuesAs valueTaker: Caller? = nil) {
        self.direction = direction
        self.isDryRun = isDryRun
        self.valueTaker = valueTaker
    }

    /// Moves the workspace.
    /// - Parameter progress: Told each step.
    /// - Throws: `AppError` with code `.refused` that lists everything that is in the way, `.unavailable` when another process
    ///   is at it; `StoreError`, `SQLError`. The workspace is where it was then, unless the code is `.outcomeUnknown`.
    public func run(in workspace: OpenWorkspace, _ progress: (Progress) -> Void) throws -> Result {
        let start = Date()
        let folder = workspace.workspace
        guard let lock = try RelocationLock(folder) else { throw OpenWorkspace.isBeingMoved }
        defer { withExtendedLifetime(lock) {} }
        progress(.checking)
        // Whoever had the lock before may have moved the workspace.
        let workspace = try workspace.reopened()
        let here = workspace.configuration.databasePlace
        let place = try destination(workspace)
        let checks = RelocationChecks(workspace: workspace, from: here, to: place, leavesPeers: leavesPeers)
        try checks.requireNothing(try checks.problems())
        func result(_ backup: String?, _ tables: [(table: String, rows: Int)], changes: Int) -> Result {
            Result(
                direction: direction, place: place, backup: backup, tables: tables, changes: changes,
                milliseconds: Int(Date().timeIntervalSince(start) * 1000), isDryRun: isDryRun)
        }
        guard !isDryRun else { return result(nil, try workspace.store.tableCounts(), changes: 0) }
        try workspace.store.migrateIfDue(now: workspace.environment.now())
        let begun = workspace.store.installed
        let backup = direction == .continued ? begun.backup : try backUp(workspace, place, progress)
        let target = try place.database(mustExist: false)
        var relocation = Relocation(
            id: workspace.environment.newID(), from: workspace.store, at: here, to: target, at: place, backup: backup,
            replicaID: workspace.environment.newID(), now: workspace.environment.now())
        try folder.noteMove(between: [here, place])
        relocation.isPatient = isLive
        if direction == .continued, let since = begun.relocatedAt { relocation.since = since }
        relocation.takingValues = valueTaker.map { workspace.operation("migrate rollback", of: $0) }
        guard extent == .allTheWay else {
            try explaining(place, workspace.environment) {
                try relocation.follow(untilNothingIsLeft: extent == .caughtUp) { progress(.moving($0)) }
            }
            return result(backup, [], changes: 0)
        }
        let moved = try explaining(place, workspace.environment) { try relocation.run { progress(.moving($0)) } }
        progress(.switching(to: place))
        try StoreOpener.prepare(target)
        try folder.note(place)
        try relocation.finish()
        return result(backup, moved.tables, changes: moved.changes)
    }

    /// Runs a body, and says what helps when the other place does not hold the beginning of what is here.
    private func explaining<Result>(
        _ place: DatabasePlace, _ environment: Environment, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as StoreError where error.code == .notContinued || error.code == .unlogged {
            let anew =
                place.schema == nil
                ? "Set the file aside, and the next rollback makes a new one: "
                    + place.settingAside(environment.now().iso8601.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z")
                : "Name another schema, which is filled from the beginning (--schema); the one there stays as it is."
            let taking = "minsky migrate rollback --take-values brings what is here as it is.\n"
            throw AppError(
                .conflict, error.message,
                hint: (error.code == .unlogged && direction == .rollback ? taking : "") + anew)
        }
    }

    private func destination(_ workspace: OpenWorkspace) throws -> DatabasePlace {
        let isPostgres = workspace.store.database.dialect == .postgres
        switch direction {
        case .upgrade(let url, let schema):
            let address = ConnectionAddress(url)
            guard address.form == .postgres else {
                throw AppError(.invalidArgument, "--db-url must be a postgresql:// URL, not '\(address.shown)'")
            }
            try UpdateConfiguration.requireNoPassword(url)
            guard schema.utf8.count <= 63, !schema.isEmpty else {
                throw AppError(.invalidArgument, "a schema's name has 1 to 63 bytes in PostgreSQL")
            }
            // What is written down at the end has to be readable as a setting.
            try ConfigurationKey.named("database.schema").check(schema)
            try ConfigurationKey.named("database.url").check(url)
            guard !isPostgres else {
                throw AppError(
                    .conflict, "the workspace is in PostgreSQL already: \(workspace.configuration.databasePlace)",
                    hint: "minsky migrate rollback brings it back to a file.")
            }
            return DatabasePlace(url: url, schema: schema)
        case .continued:
            return try workspace.pendingPlace()
        case .rollback:
            guard isPostgres else {
                throw AppError(
                    .conflict, "the workspace is in a SQLite file already: \(workspace.configuration.databasePlace)")
            }
            // The file it came from, when it is in this workspace's own folder: a row of a shared database does not say where
            // this machine's files are.
            let peer = workspace.store.installed.peer
            if let peer, peer.schema == nil, peer.url.hasPrefix(workspace.workspace.path + "/"),
                !peer.url.contains("/../"), FileAccess.exists(peer.url)
            {
                return peer
            }
            return DatabasePlace(url: workspace.workspace.defaultFile, schema: nil)
        }
    }

    /// Saves the workspace before anything is changed. Before an upgrade the database is put beside the file it was as well.
    /// - Returns: The path that people are told.
    private func backUp(_ workspace: OpenWorkspace, _ place: DatabasePlace, _ progress: (Progress) -> Void) throws
        -> String
    {
        let isUpgrade = place.schema != nil
        var use = BackUpWorkspace(reason: isUpgrade ? .upgrade : .rollback)
        use.databasePath = isUpgrade ? workspace.workspace.path + "/pre-migration-backup.db" : nil
        progress(.backingUp(path: use.databasePath ?? workspace.workspace.backupsPath))
        let file = try use.run(in: workspace)
        return use.databasePath ?? file.path
    }
}
