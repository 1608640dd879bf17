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
    /// Where a copy is being made, or follows.
    public let target: DatabasePlace?
    /// The operations that a copy which follows does not have yet; nil when there is none, or it does not answer.
    public let lag: Int?
    /// Whether a process is at it now.
    public let isRunning: Bool

    /// The documented JSON object.
    public var json: JSON {
        [
            "phase": .string(phase.rawValue), "database": .string(place.url), "schema": .optional(place.schema),
            "startedAt": .optional(startedAt?.iso8601), "backup": .optional(backup),
            "target": .optional(target.map { "\($0)" }), "lag": lag.map { .integer(Int64($0)) } ?? .null,
            "running": .bool(isRunning),
        ]
    }

    /// Asks the workspace's store, and changes nothing unless a stopped move has to be settled to know.
    public init(of workspace: OpenWorkspace) throws {
        let store = workspace.store
        place = workspace.configuration.databasePlace
        startedAt = store.installed.relocatedAt
        backup = store.installed.backup
        let isPostgres = store.database.dialect == .postgres
        isRunning = try RelocationLock(workspace.workspace) == nil
        switch store.installed.phase {
        case .copying where !isPostgres: phase = .copying
        case .following where !isPostgres: phase = .following
        // A store in PostgreSQL that says it is being copied while nobody is at it was left by somebody who was stopped.
        case .copying where isRunning, .following where isRunning: phase = .rollingBack
        case .fenced: phase = .fenced
        default: phase = isPostgres ? .postgres : .local
        }
        target = [.copying, .following].contains(phase) ? store.installed.peer : nil
        if phase == .following, let target, try workspace.workspace.movedPlaces().contains(target) {
            lag = try? Relocation.lag(of: store, behind: try target.database())
        } else {
            lag = nil
        }
    }
}
