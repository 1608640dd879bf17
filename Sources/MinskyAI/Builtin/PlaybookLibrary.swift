/// The playbooks to choose from: those that ship, and a workspace's own.
public struct PlaybookLibrary: Sendable {
    public let playbooks: [Playbook]
    /// The names of the workspace's own.
    public let ownNames: Set<String>
    /// What the words of a title tell, compiled once.
    let evidence: [PlaybookEvidence]

    /// The name of the short frame that suits any work. It is only taken when it is asked for.
    public static let frameName = "frame"

    /// Reads the shipped playbooks and adds a workspace's own; one of the same name replaces the shipped one.
    /// - Parameter own: Names (without `.md`) and texts.
    /// - Throws: `AIError` with code `.badPlaybook`.
    public init(own: [(name: String, markdown: String)] = []) throws {
        var playbooks = try Self.shipped.map { name, bytes in
            try Playbook(name: name, markdown: String(decoding: bytes, as: UTF8.self))
        }
        for (name, markdown) in own {
            playbooks.removeAll { $0.name == name }
            playbooks.append(try Playbook(name: name, markdown: markdown))
        }
        let ownNames = Set(own.map(\.name))
        self.playbooks = playbooks
        self.ownNames = ownNames
        evidence = playbooks.map { PlaybookEvidence($0, isOwn: ownNames.contains($0.name)) }
    }

    /// The playbook of a name.
    public func playbook(named name: String) -> Playbook? { playbooks.first { $0.name == name } }
}
