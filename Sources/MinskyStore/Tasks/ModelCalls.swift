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

/// What calls of one model have come to.
public struct ModelUsage: Sendable, Hashable {
    public let provider: String
    public let model: String
    public var calls: Int
    /// Those of them that did not end well.
    public var failed: Int
    public var inputTokens: Int64
    public var outputTokens: Int64
}

extension StoreSession {
    /// What the calls in this store have come to, by provider and model.
    /// - Parameters:
    ///   - start: The moment since when.
    ///   - known: The ids of calls that are counted elsewhere.
    public func modelUsage(since start: Timestamp, except known: [String] = []) throws -> [ModelUsage] {
        try reader.rows(
            """
            SELECT provider, model, count(*), sum(CASE WHEN outcome = 'ok' THEN 0 ELSE 1 END),
                \(Self.sum("input_tokens")), \(Self.sum("output_tokens"))
            FROM ai_calls WHERE started_at >= \(start) AND id NOT IN (\(reader.listed(known)))
            GROUP BY provider, model ORDER BY provider, model
            """
        ) { row in
            ModelUsage(
                provider: try row.text(0), model: try row.text(1), calls: Int(try row.integer(2)),
                failed: Int(try row.integer(3)), inputTokens: try row.integer(4), outputTokens: try row.integer(5))
        }
    }

    /// The sum of a count of tokens. No call takes as many as would leave 64 bits, whatever a hand has written there.
    private static func sum(_ column: String) -> SQL {
        let bounded = "CASE WHEN \(column) BETWEEN 0 AND 1000000000000 THEN \(column) ELSE 0 END"
        return SQL(unsafeRaw: "CAST(coalesce(sum(\(bounded)), 0) AS bigint)")
    }

    /// The ids of the calls in this store.
    public func modelCallIDs() throws -> [String] { try reader.rows("SELECT id FROM ai_calls") { try $0.text(0) } }
}
