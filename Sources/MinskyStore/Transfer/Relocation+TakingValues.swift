import MinskyModel
import MinskySQL

// Rows that were changed behind the change log's back, by a superuser who switched triggers off or by replication.

extension Relocation {
    /// Has the source log, as one operation, what has happened to rows without it: from the values that the target has,
    /// which are what the log tells, to those that they have.
    ///
    /// A row that ought to be marked when it is deleted, and was removed, is there again, as a deleted one. Nothing is done when
    /// one of the rows has been changed since they were compared; they have to be compared again then.
    /// - Throws: `StoreError` with code `.conflict` when somebody else has taken over; `SQLError` of kind `.constraint` for what
    ///   cannot be logged.
    func take(_ rows: [RowName], as operation: OperationContext) throws {
        let ids = Dictionary(grouping: rows, by: \.table).mapValues { $0.map(\.id) }
        let (last, told) = try target.read { (try copy.lastSequence($0), try contents($0, ids)) }
        try source.database.write { writer in
            try writer.lockTables(source.schema)
            try requireOwnSchema(writer)
            let isOurs =
                try writer.first(
                    "SELECT phase FROM store_state WHERE relocation = \(id) AND phase = 'following'",
                    as: { try $0.text(0) })
                != nil
            guard isOurs else { throw takenOver }
            let touched = try copy.touched(writer, after: last)
            guard !rows.contains(where: { touched[$0.table]?.contains($0.id) == true }) else { return }
            var present = try contents(writer, ids)
            let session = WriteSession(writer: writer, schema: source.schema, operation: operation)
            try writer.withoutLogging { try put(told, over: present, writer) }
            for copy in copy.tables where copy.table.keepsDeletedRows {
                for (id, values) in told[copy.table.name] ?? [:] where present[copy.table.name]?[id] == nil {
                    present[copy.table.name, default: [:]][id] = copy.deleted(values, at: operation.now)
                }
            }
            _ = try session.begin(place: source.database.place, reverting: nil)
            try writer.deferReferences()
            try put(present, over: told, writer)
            try session.end()
        }
    }

    private typealias Contents = [String: [String: [SQLValue]]]

    private func contents(_ reader: any Reader, _ ids: [String: [String]]) throws -> Contents {
        var contents: Contents = [:]
        for copy in copy.tables {
            guard let ids = ids[copy.table.name] else { continue }
            try copy.rows(reader, ids: ids) { contents[copy.table.name, default: [:]][$0] = $1 }
        }
        return contents
    }

    /// Writes rows in the place of others.
    private func put(_ new: Contents, over old: Contents, _ writer: any Writer) throws {
        for copy in copy.tables.reversed() {
            let gone = (old[copy.table.name] ?? [:]).keys.filter { new[copy.table.name]?[$0] == nil }.sorted()
            if !gone.isEmpty { try writer.remove(gone, from: copy.table) }
        }
        for copy in copy.tables {
            let name = copy.table.name
            for (id, values) in (new[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard old[name]?[id] != nil else {
                    try writer.load(into: name, columns: copy.columnNames) { try $0(values) }
                    continue
                }
                let fields = zip(copy.columnNames, values)
                func list(_ isWanted: (String) -> Bool, _ separator: SQL) -> SQL {
                    SQL.joined(
                        fields.filter { isWanted($0.0) }.map { "\(unsafeRaw: $0.0) = \($0.1)" }, separator: separator)
                }
                let rest = list({ !copy.table.key.contains($0) }, ", ")
                if rest.values.isEmpty { continue }
                try writer.execute(
                    "UPDATE \(unsafeRaw: name) SET \(rest) WHERE \(list(copy.table.key.contains, " AND "))")
            }
        }
    }
}

extension TableCopy {
    /// A row as it is when it is marked as deleted.
    fileprivate func deleted(_ values: [SQLValue], at moment: Timestamp) -> [SQLValue] {
        zip(columnNames, values).map { name, value in
            switch name {
            case Column.deletedAt: value == .null ? .timestamp(moment) : value
            case Column.updatedAt: .timestamp(moment)
            default: value
            }
        }
    }
}
