import MinskyModel
import MinskyStore

/// Where a workspace is, and how far a move of it has come.
public struct MigrationStatus: Sendable {
    /// The documented phases.
    public enum Phase: String, Sendable {
        case local, copying, following, fenced, postgres
        case rollingBack = "rolling-back"
    }

    public let phase: Phase
    public let place: DatabasePlace
    /// When the move began that is going on, or the last one.
    public let startedAt: Timestamp?
    public let backup: String?

    /// The documented JSON object.
    public var json: JSON {
        [
            "phase": .string(phase.rawValue), "database": .string(place.url), "schema": .optional(place.schema),
            "startedAt": .optional(startedAt?.iso8601), "backup": .optional(backup),
        ]
    }

    /// Asks the workspace's store, and changes nothing unless a stopped move has to be settled to know.
    public init(of workspace: OpenWorkspace) throws {
        let store = workspace.store
        place = workspace.configuration.databasePlace
        startedAt = store.installed.relocatedAt
        backup = store.installed.backup
        let isPostgres = store.database.dialect == .postgres
        // A store that says it is being copied while nobody is at it was left by somebody who was stopped.
        let isRunning = try RelocationLock(workspace.workspace) == nil
        switch store.installed.phase {
        case .copying where isRunning && !isPostgres: phase = .copying
        case .following where isRunning && !isPostgres: phase = .following
        case .copying where isRunning, .following where isRunning: phase = .rollingBack
        case .fenced: phase = .fenced
        default: phase = isPostgres ? .postgres : .local
        }
    }
}
