import CLibPQ
import MinskySQL

// Rows leave and enter the server one by one, so that no answer is held whole in memory.

extension PostgresSession {
    func query(_ sql: SQL, each: (any Row) throws -> Void) throws {
        try requireNoStream()
        let text = sql.text(for: .postgres)
        try send(sql, text)
        isStreaming = true
        defer { isStreaming = false }
        try takeResults(ofLast: text, oneByOne: true) { result in
            try each(PostgresRow(pq: pq, result: result, index: 0))
        }
    }

    func load(
        into table: String, columns: [String], rows: (_ add: ([SQLValue]) throws -> Void) throws -> Void
    ) throws -> Int {
        try requireNoStream()
        try settle()
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
        bytes.append(bigEndian: Int16(columns))
        for value in values { try bytes.append(field: value) }
    }

    mutating func appendTrailer() { bytes.append(bigEndian: Int16(-1)) }
}
