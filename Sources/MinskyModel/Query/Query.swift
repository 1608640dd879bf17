/// Which tasks are wanted: conditions, joined by `and`, `or` and `not`.
///
/// A condition is true or false of every task, and false where the task lacks the value it asks for; `not` turns that
/// round, so that `not due<fri` lets tasks without a due date through.
///
/// What is parsed, and made by `all(of:)` and `any(of:)`, has one form: `and` and `or` hold at least two queries and
/// none of their own kind; only the query that lets every task through is an `and` of none.
public indirect enum Query: Sendable, Hashable {
    case condition(QueryCondition)
    case not(Query)
    case and([Query])
    case or([Query])

    /// The query that lets every task through.
    public static let everything = Query.and([])

    /// The tasks that all of some queries let through.
    public static func all(of queries: [Query]) -> Query {
        let parts = queries.flatMap { query in
            if case .and(let inner) = query { inner } else { [query] }
        }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    /// The tasks that any of some queries lets through.
    public static func any(of queries: [Query]) -> Query {
        if queries.isEmpty { return .not(.everything) }
        if queries.contains(.everything) { return .everything }
        let parts = queries.flatMap { query in
            if case .or(let inner) = query { inner } else { [query] }
        }
        return parts.count == 1 ? parts[0] : .or(parts)
    }
}
