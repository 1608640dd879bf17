/// A comment on a task, or something to remember.
public struct Note: Sendable, Hashable {
    /// What a note is for.
    public enum Kind: String, Sendable, CaseIterable { case comment, memory }

    public let id: String
    /// The task it is about, or nil.
    public var taskID: String?
    public var kind: Kind
    public var body: String
    /// From 1 to 10.
    public var importance: Int?
    /// The actor who wrote it.
    public var author: String
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    /// Creates a note.
    public init(
        id: String, taskID: String?, kind: Kind = .comment, body: String, importance: Int? = nil, author: String,
        createdAt: Timestamp, updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.taskID = taskID
        self.kind = kind
        self.body = body
        self.importance = importance
        self.author = author
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }

    /// The note as the documented JSON object.
    public var json: JSON {
        [
            "id": .string(id), "taskId": .optional(taskID), "kind": .string(kind.rawValue), "body": .string(body),
            "author": .string(author), "createdAt": .string(createdAt.iso8601),
        ]
    }
}
