import MinskyModel

/// One user action, before it is carried out.
public struct OperationContext: Sendable {
    public var id: String
    /// Who acts: the id of a row of `actors`, made when it is missing.
    public var actor: String
    /// Whether the actor is an agent rather than a person; noted when it is first seen.
    public var isAgent: Bool
    /// What was typed, in a word or two, such as `add` or `tasks move`.
    public var command: String
    /// The moment written to the rows' own times.
    public var now: Timestamp

    /// Creates an operation.
    public init(id: String, actor: String, isAgent: Bool = false, command: String, now: Timestamp) {
        self.id = id
        self.actor = actor
        self.isAgent = isAgent
        self.command = command
        self.now = now
    }
}
