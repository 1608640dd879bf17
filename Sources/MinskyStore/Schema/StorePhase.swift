/// Where a store stands in a relocation of its workspace from one database to another.
///
/// A store is written to by commands while it is `active`, `copying` or `following`; in all other phases it is fenced. At no
/// time are both stores of a relocation open to commands.
public enum StorePhase: String, Sendable, CaseIterable {
    /// The workspace is here.
    case active
    /// The workspace is here, and is being copied elsewhere.
    case copying
    /// The workspace is here, and a copy elsewhere follows its changes.
    case following
    /// The workspace is here or there: the other store tells.
    case fenced
    /// The workspace has gone elsewhere.
    case moved
    /// The workspace is elsewhere, and is being copied here.
    case filling
    /// A relocation to here was given up.
    case abandoned

    /// Whether commands write here.
    public var isOpen: Bool { [.active, .copying, .following].contains(self) }

    static var list: String { allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ") }
}
