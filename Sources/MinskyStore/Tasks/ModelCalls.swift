import MinskyModel
import MinskySQL

/// One call of a model: what it was for, what it took, how it ended. Never the key, never the text.
public struct ModelCall: Sendable {
    public var id: String
    /// The use case: `decompose`, `embed` or `test`.
    public var purpose: String
    public var taskID: String?
    public var provider: String
    public var model: String
    public var startedAt: Timestamp
    public var milliseconds: Int
    public var inputTokens: Int?
    public var outputTokens: Int?
    /// `ok`, or the code of the error.
    public var outcome: String

    /// Creates a record of a call.
    public init(
        id: String, purpose: String, taskID: String?, provider: String, model: String, startedAt: Timestamp,
        milliseconds: Int, inputTokens: Int?, outputTokens: Int?, outcome: String
    ) {
        self.id = id
        self.purpose = purpose
        self.taskID = taskID
        self.provider = provider
        self.model = model
        self.startedAt = startedAt
        self.milliseconds = milliseconds
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.outcome = outcome
    }
}

extension WriteSession {
    /// Writes the record of a model call.
    public func record(_ call: ModelCall) throws {
        try writer.execute(
            """
            INSERT INTO ai_calls (id, actor, purpose, task_id, provider, model, started_at, milliseconds, input_tokens,
                output_tokens, outcome)
            VALUES (\(call.id), \(operation.actor), \(call.purpose), \(call.taskID), \(call.provider), \(call.model),
                \(call.startedAt), \(call.milliseconds), \(call.inputTokens), \(call.outputTokens), \(call.outcome))
            """)
    }
}
