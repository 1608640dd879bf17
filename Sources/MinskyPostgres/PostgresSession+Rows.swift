import CLibPQ
import MinskySQL

// Rows leave and enter the server one by one, so that no answer is held whole in memory.

extension PostgresSession {
    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        try requireNoStream()
        let text = sql.text(for: .postgres)
        let isSent = try withParameters(sql) { count, types, values, lengths, formats in
            pq.PQsendQueryParams(connection, text, count, types, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw failure(nil, sql: text) }
        _ = pq.PQsetSingleRowMode(connection)
        isStreaming = true
        defer { isStreaming = false }
        var problem: (any Error)?
        // libpq asks that results be taken until there is none left, whatever becomes of them.
        while let result = pq.PQgetResult(connection) {
            defer { pq.PQclear(result) }
            guard problem == nil else { continue }
            switch pq.PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE:
                do {
                    try each(PostgresRow(pq: pq, result: result, index: 0))
                } catch {
                    problem = error
                }
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: continue
            default: problem = failure(result, sql: text)
            }
        }
        if let problem { throw problem }
        if isLost { throw failure(nil, sql: text) }
    }

    func load(
        into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void
    ) throws -> Int {
        try requireNoStream()
        let text = "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
        pq.PQclear(try checked(pq.PQexec(connection, text), sql: text))
        isStreaming = true
        defer { isStreaming = false }
        var buffer = CopyBuffer(columns: columns.count)
        var problem: (any Error)?
        do {
            try rows { values in
                try buffer.append(values)
                if buffer.bytes.count >= CopyBuffer.chunk { try send(&buffer, text) }
            }
            buffer.appendTrailer()
            try send(&buffer, text)
        } catch {
            problem = error
        }
        _ = pq.PQputCopyEnd(connection, problem == nil ? nil : "the rows could not be read to their end")
        var count = 0
        while let result = pq.PQgetResult(connection) {
            defer { pq.PQclear(result) }
            if pq.PQresultStatus(result) == PGRES_COMMAND_OK {
                count = Int(String(pointer: pq.PQcmdTuples(result))) ?? 0
            } else if problem == nil {
                problem = failure(result, sql: text)
            }
        }
        if let problem { throw problem }
        if isLost { throw failure(nil, sql: text) }
        return count
    }

    private func send(_ buffer: inout CopyBuffer, _ text: String) throws {
        let isSent = buffer.bytes.withUnsafeBytes { bytes in
            pq.PQputCopyData(
                connection, bytes.assumingMemoryBound(to: CChar.self).baseAddress, Int32(bytes.count))
        }
        buffer.bytes.removeAll(keepingCapacity: true)
        guard isSent == 1 else { throw failure(nil, sql: text) }
    }
}

/// Rows in PostgreSQL's binary COPY format (PostgreSQL's manual, "COPY", File Formats).
private struct CopyBuffer {
    static let chunk = 64 << 10

    var bytes: [UInt8]
    private let columns: Int

    init(columns: Int) {
        self.columns = columns
        bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
    }

    mutating func append(_ values: [SQLValue]) throws {
        guard values.count == columns else {
            throw SQLError(kind: .other, message: "a row has \(values.count) values for \(columns) columns")
        }
        append(Int16(columns))
        for value in values {
            guard let content = try PostgresParameter(value).copyBytes else {
                append(Int32(-1))
                continue
            }
            append(Int32(content.count))
            bytes.append(contentsOf: content)
        }
    }

    mutating func appendTrailer() { append(Int16(-1)) }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
