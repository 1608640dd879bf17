import MinskyModel
import MinskySQL

// What waits to be pushed goes in the order of its numbers. In SQLite that is the order of commits. In PostgreSQL a number is
// drawn before the commit: an operation may have a lower one than another that it has seen.

extension Reader {
    /// The numbers of the operations that wait, in the order of their commits as far as they touched the same rows; none when
    /// that is the order of the numbers.
    ///
    /// As a position is drawn after the row's lock is held, the last one of each tells ([decision
    /// 44](../../../docs/decisions/0044-what-waits-goes-in-the-order-of-commits.md)).
    func misplaced() throws -> [Int64] {
        guard dialect == .postgres, try base() != nil else { return [] }
        let waiting = try rows(
            """
            SELECT o.number FROM operations AS o LEFT JOIN changes AS c ON c.operation = o.number
            WHERE o.sequence IS NULL GROUP BY o.number ORDER BY max(c.position) NULLS FIRST, o.number
            """
        ) { try $0.integer(0) }
        return zip(waiting, waiting.dropFirst()).allSatisfy(<) ? [] : waiting
    }
}

extension Writer {
    /// Gives the operations that wait numbers in the order of their commits.
    func arrangeWaiting() throws {
        let waiting = try misplaced()
        guard !waiting.isEmpty else { return }
        let numbers = try draw(waiting.count).numbers
        let pairs = JSON.array(zip(waiting, numbers).map { [.integer($0), .integer($1)] })
        for (table, column) in [("operations", "number"), ("changes", "operation")] {
            try execute(
                """
                UPDATE \(unsafeRaw: table) SET \(unsafeRaw: column) = (pair ->> 1)::bigint
                FROM jsonb_array_elements(\(pairs)) AS pair WHERE \(unsafeRaw: column) = (pair ->> 0)::bigint
                """)
        }
    }
}
