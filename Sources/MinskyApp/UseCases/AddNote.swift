import MinskyModel
import MinskyStore

/// Writes a note on a task.
public struct AddNote: Sendable {
    /// The task's id as typed.
    public var id: String
    public var body: String

    /// What was written.
    public struct Result: Sendable {
        public let note: Note
        public let task: TaskItem
        public let list: TaskList

        /// The note as the documented JSON object.
        public var json: JSON { note.json }
    }

    /// Creates the request.
    public init(id: String, body: String) {
        self.id = id
        self.body = body
    }

    /// Writes the note.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> Result {
        let body = body.trimmingSpace
        guard !body.isEmpty else { throw AppError(.invalidArgument, "the note is empty") }
        let noteID = workspace.environment.newID()
        let operation = workspace.operation("note", of: caller)
        return try workspace.perform(operation) { session in
            let task = try session.task(try session.resolveTask(id))
            let note = Note(
                id: noteID, taskID: task.id, body: body, author: caller.name, createdAt: operation.now)
            try session.insert([note])
            return Result(note: note, task: task, list: try TaskList(tasks: [task], in: session))
        }
    }
}
