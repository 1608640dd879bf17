/// Who asks for something: named in the change log, and owner of what a bare undo takes back.
public struct Caller: Sendable, Hashable {
    public let name: String
    /// Whether it is an agent rather than a person.
    public let isAgent: Bool

    /// Names a caller.
    public init(_ name: String, isAgent: Bool = false) {
        self.name = name
        self.isAgent = isAgent
    }
}
