import CLibPQ
import MinskySQL

// Statements may be sent before those before them have been answered: the server works meanwhile, and the way to it is gone
// once for all of them (libpq's manual, "Pipeline Mode").

extension PostgresSession {
    func executeLater(_ sql: SQL) throws {
        try requireNoStream()
        let text = sql.text(for: .postgres)
        if owed.isEmpty, pq.PQenterPipelineMode(connection) != 1 { throw failure(nil, sql: text) }
        // Before it is sent, so that whatever happens pipeline mode is left again.
        owed.append(text)
        try send(sql, text)
        guard pq.PQflush(connection) == 0 else { throw failure(nil, sql: text) }
    }

    /// Sends a statement.
    func send(_ sql: SQL, _ text: String) throws {
        let isSent = try withParameters(sql) { count, types, values, lengths, formats in
            pq.PQsendQueryParams(connection, text, count, types, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw failure(nil, sql: text) }
    }

    /// Waits until all that was sent has been answered.
    /// - Throws: The `SQLError` of the first statement that failed.
    func settle() throws {
        guard !owed.isEmpty else { return }
        try takeOwed(nil) {}
    }

    /// Takes the answer of the statement that was sent last, and of all that were sent before.
    /// - Parameters:
    ///   - oneByOne: Whether rows are passed as they arrive, or the whole answer is.
    ///   - each: Gets them.
    func takeResults(ofLast text: String, oneByOne: Bool, _ each: (OpaquePointer) throws -> Void) throws {
        func take() throws {
            if oneByOne { _ = pq.PQsetSingleRowMode(connection) }
            var problem: (any Error)?
            // libpq asks that results be taken until there is none left, whatever becomes of them.
            while let result = pq.PQgetResult(connection) {
                defer { pq.PQclear(result) }
                guard problem == nil else { continue }
                switch (pq.PQresultStatus(result), oneByOne) {
                case (PGRES_SINGLE_TUPLE, _), (PGRES_COMMAND_OK, false), (PGRES_TUPLES_OK, false):
                    do { try each(result) } catch { problem = error }
                case (PGRES_TUPLES_OK, true), (PGRES_COMMAND_OK, true): continue
                default: problem = failure(result, sql: text)
                }
            }
            if let problem { throw problem }
        }
        if owed.isEmpty { try take() } else { try takeOwed(text, take) }
        if isLost { throw failure(nil, sql: text) }
    }

    /// Takes what is owed, in the order in which it was sent, and leaves pipeline mode.
    /// - Parameters:
    ///   - last: A statement that was sent after all of it, or nil when there is none.
    ///   - take: Takes its answer.
    private func takeOwed(_ last: String?, _ take: () throws -> Void) throws {
        var problem: (any Error)?
        var left = owed[...]
        var isTaken = last == nil
        owed = []
        if last != nil || left.last != .some(nil) {
            // Whatever has failed, the server answers this.
            if pq.PQpipelineSync(connection) != 1 { problem = failure(nil, sql: last ?? "") }
            left.append(nil)
        }
        while !isLost, !left.isEmpty {
            if left.count == 1, !isTaken {
                isTaken = true
                do { try take() } catch { problem = problem ?? error }
                continue
            }
            guard let text = left.removeFirst() else {
                // The end of a transaction stands by itself.
                if let result = pq.PQgetResult(connection) { pq.PQclear(result) }
                continue
            }
            while let result = pq.PQgetResult(connection) {
                defer { pq.PQclear(result) }
                // The first of them may have rows one by one, as the statement before had.
                let isGood = [PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE].contains(pq.PQresultStatus(result))
                if !isGood, problem == nil { problem = failure(result, sql: text) }
            }
        }
        if !isLost { _ = pq.PQexitPipelineMode(connection) }
        if isLost, problem == nil { problem = failure(nil, sql: last ?? "") }
        if let problem { throw problem }
    }
}
