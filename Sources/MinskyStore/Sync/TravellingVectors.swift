import MinskyModel
import MinskySQL

/// Vectors of embeddings, which no log has: they travel beside the rows, and are those of a row as long as it is of the same
/// text. What neither store has is to be computed again.
struct TravellingVectors: Sendable {
    private struct Text: Hashable, Sendable {
        let row: RowKey
        let hash: String
    }

    private var keys: Set<RowKey>
    private var vectors: [Text: [UInt8]] = [:]

    /// Begins without any.
    /// - Parameter keys: The rows that may be written; only embeddings are of interest.
    init(of keys: some Sequence<RowKey>) {
        self.keys = Set(keys.lazy.filter { $0.table == "embeddings" })
    }

    /// Has further rows be of interest.
    mutating func add(_ keys: some Sequence<RowKey>) {
        self.keys.formUnion(keys.lazy.filter { $0.table == "embeddings" })
    }

    /// Takes those that a store has.
    mutating func collect(from store: Store) throws {
        guard !keys.isEmpty else { return }
        self = try store.database.read { reader in
            var copy = self
            try copy.collect(from: reader)
            return copy
        }
    }

    /// Takes those that a store has.
    mutating func collect(from reader: any Reader) throws {
        guard !keys.isEmpty else { return }
        let owners = Set(keys.map { String($0.id.unicodeScalars.prefix { $0 != "/" }) }).sorted()
        try reader.query(
            """
            SELECT owner_id, model, content_hash, vector FROM embeddings
            WHERE vector IS NOT NULL AND owner_id IN (\(reader.listed(owners)))
            """
        ) { row in
            let key = RowKey("embeddings", "\(try row.text(0))/\(try row.text(1))")
            if keys.contains(key) { vectors[Text(row: key, hash: try row.text(2))] = try row.blob(3) }
        }
    }

    /// Gives them to the rows that lack theirs.
    func settle(_ writer: any Writer) throws {
        guard !vectors.isEmpty else { return }
        switch writer.dialect {
        case .sqlite:
            for (text, vector) in vectors {
                try writer.execute(
                    """
                    UPDATE embeddings SET vector = \(SQLValue.blob(vector))
                    WHERE \(condition(text)) AND vector IS NULL
                        AND dims = \(vector.count / 4) AND \(vector.count % 4) = 0
                    """)
            }
        case .postgres:
            let records = vectors.map { text, vector -> JSON in
                ["row": .string(text.row.id), "hash": .string(text.hash), "vector": SQLValue.blob(vector).logged]
            }
            try writer.execute(
                """
                UPDATE embeddings AS e SET vector = decode(r.vector, 'hex')
                FROM jsonb_to_recordset(\(JSON.array(records))) AS r("row" text, hash text, vector text)
                WHERE e.owner_id = split_part(r."row", '/', 1) AND e.owner_id || '/' || e.model = r."row"
                    AND e.content_hash = r.hash AND e.vector IS NULL
                    AND e.dims = length(r.vector) / 8 AND length(r.vector) % 8 = 0
                """)
        }
    }

    private func condition(_ text: Text) -> SQL {
        let parts = text.row.id.unicodeScalars.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            .map { String($0) }
        return "owner_id = \(parts.first ?? "") AND model = \(parts.last ?? "") AND content_hash = \(text.hash)"
    }
}
