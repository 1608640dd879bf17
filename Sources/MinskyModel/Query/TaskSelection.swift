/// What a query is read against: the time, the zone, who asks, and the fields of the workspace.
public struct QueryContext: Sendable {
    public var now: Timestamp
    /// The local zone's seconds east of UTC at a moment.
    public var utcOffset: @Sendable (Timestamp) -> Int
    /// The actor that `me` means, or nil when `me` is a name like any other.
    public var actor: String?
    public var customFields: [CustomField]

    /// Creates a context.
    public init(
        now: Timestamp, utcOffset: @escaping @Sendable (Timestamp) -> Int, actor: String? = nil,
        customFields: [CustomField] = []
    ) {
        self.now = now
        self.utcOffset = utcOffset
        self.actor = actor
        self.customFields = customFields
    }
}

/// A whole request for tasks: which, in which order, and how many.
public struct TaskSelection: Sendable, Hashable {
    public var query: Query
    /// The order asked for, or nil when it is left open.
    public var order: TaskOrder?
    /// The most tasks wanted, at least 1, or nil for all.
    public var limit: Int?

    /// Creates a selection.
    public init(_ query: Query = .everything, order: TaskOrder? = nil, limit: Int? = nil) {
        self.query = query
        self.order = order
        self.limit = limit
    }

    /// Reads a query, with `sort:` and `limit:` where it has them; one without any condition lets every task through.
    /// - Throws: `PhraseError` with the place in the text.
    public init(parsing text: String, in context: QueryContext) throws(PhraseError) {
        var parser = try QueryParser(text, context)
        self = try parser.selection()
    }

    /// The selection as it is typed: parsed in the same context, it is this selection again.
    public var text: String {
        var parts = query == .everything ? [] : [query.text]
        if let order { parts.append("sort:\(order.text)") }
        if let limit { parts.append("limit:\(limit)") }
        return parts.joined(separator: " ")
    }
}
