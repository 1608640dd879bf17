/// Who wins where two replicas have changed one field without having seen each other. The losing value is always kept.
public enum SyncStrategy: String, Sendable, CaseIterable {
    /// Field by field, the later edit.
    case mergeFields = "merge_fields"
    /// Row by row, the later edit.
    case lastWriteWins = "last_write_wins"
    /// The replica that pushes.
    case localWins = "local_wins"
    /// What the upstream has already.
    case remoteWins = "remote_wins"
    /// What the upstream has already, until somebody decides.
    case manual

    static var list: String { allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ") }
}
