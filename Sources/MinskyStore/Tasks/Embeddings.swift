import MinskyModel
import MinskySQL

/// The vector a model gave for the text of a task.
public struct StoredEmbedding: Sendable, Hashable {
    /// The id of the task the text belongs to.
    public var ownerID: String
    public var model: String
    /// A hash of the text, by which one knows whether the vector is still that of the text.
    public var contentHash: String
    public var vector: [Float]

    /// Creates an embedding.
    public init(ownerID: String, model: String, contentHash: String, vector: [Float]) {
        self.ownerID = ownerID
        self.model = model
        self.contentHash = contentHash
        self.vector = vector
    }
}

extension StoreSession {
    /// The embeddings of a model for some tasks, by the tasks' ids.
    public func embeddings(model: String, of ids: [String]) throws -> [String: StoredEmbedding] {
        guard !ids.isEmpty else { return [:] }
        let found = try reader.rows(
            """
            SELECT owner_id, model, content_hash, dims, vector FROM embeddings
            WHERE model = \(model) AND vector IS NOT NULL AND owner_id IN (\(list: ids))
            """
        ) { row in
            StoredEmbedding(
                ownerID: try row.text(0), model: try row.text(1), contentHash: try row.text(2),
                vector: VectorCoding.floats(try row.blob(4)))
        }
        return Dictionary(found.map { ($0.ownerID, $0) }) { first, _ in first }
    }
}

extension WriteSession {
    /// Writes embeddings of tasks; an earlier one of the same task and model is replaced.
    public func save(_ embeddings: [StoredEmbedding]) throws {
        for start in stride(from: 0, to: embeddings.count, by: 500) {
            let rows = embeddings[start..<min(start + 500, embeddings.count)].map { embedding -> SQL in
                """
                (\(embedding.ownerID), 'tasks', \(embedding.model), \(embedding.vector.count),
                    \(embedding.contentHash), \(SQLValue.blob(VectorCoding.bytes(embedding.vector))), \(operation.now))
                """
            }
            try writer.execute(
                """
                INSERT INTO embeddings (owner_id, owner_table, model, dims, content_hash, vector, created_at)
                VALUES \(SQL.joined(rows, separator: ", "))
                ON CONFLICT (owner_id, model) DO UPDATE SET dims = excluded.dims, content_hash = excluded.content_hash,
                    vector = excluded.vector, created_at = excluded.created_at
                """)
        }
    }
}

/// Vectors as they are stored: little-endian 32-bit floats, one after the other.
enum VectorCoding {
    static func bytes(_ vector: [Float]) -> [UInt8] {
        vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }

    static func floats(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
            var pattern: UInt32 = 0
            for offset in 0..<4 { pattern |= UInt32(bytes[start + offset]) << UInt32(8 * offset) }
            return Float(bitPattern: pattern)
        }
    }
}
