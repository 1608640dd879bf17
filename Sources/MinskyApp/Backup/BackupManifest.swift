import MinskyModel
import MinskyStore

/// Why a backup was made.
public enum BackupReason: String, Sendable, CaseIterable {
    /// Somebody asked for it.
    case manual
    /// A command was about to migrate the store to a newer schema.
    case migration
    /// Another backup was about to take the place of what there was.
    case restore
    /// The workspace was about to be moved to another database, or back.
    case upgrade, rollback
}

/// What a backup says of itself.
public struct BackupManifest: Sendable, Hashable {
    public let createdAt: Timestamp
    public let reason: BackupReason
    public let image: StoreImage
    /// The size of the database in it, in bytes.
    let payloadBytes: Int
    /// The SHA-256 of that database: 64 hex digits.
    let payloadHash: String

    var json: JSON {
        [
            "createdAt": .string(createdAt.iso8601), "reason": .string(reason.rawValue),
            "schemaVersion": .integer(Int64(image.schemaVersion)), "workspace": .string(image.workspaceID),
            "payloadBytes": .integer(Int64(payloadBytes)), "payloadHash": .string(payloadHash),
            "tables": tablesJSON,
        ]
    }

    var tablesJSON: JSON {
        .array(
            image.tables.map {
                ["table": .string($0.table), "rows": .integer(Int64($0.rows)), "hash": .string($0.hash)]
            })
    }

    init(createdAt: Timestamp, reason: BackupReason, image: StoreImage, payloadBytes: Int, payloadHash: String) {
        self.createdAt = createdAt
        self.reason = reason
        self.image = image
        self.payloadBytes = payloadBytes
        self.payloadHash = payloadHash
    }

    /// Reads what may come from anybody; nil when something is missing or makes no sense.
    init?(json: JSON) {
        func count(_ value: JSON?) -> Int? { value?.integer.flatMap { $0 >= 0 ? Int(exactly: $0) : nil } }
        var tables: [StoreImage.TableContent] = []
        for table in json["tables"]?.array ?? [] {
            guard let name = table["table"]?.string, let rows = count(table["rows"]), let hash = table["hash"]?.string
            else { return nil }
            tables.append(StoreImage.TableContent(table: name, rows: rows, hash: hash))
        }
        guard let createdAt = json["createdAt"]?.string.flatMap({ Timestamp(iso8601: $0) }),
            let reason = json["reason"]?.string.flatMap(BackupReason.init), let version = count(json["schemaVersion"]),
            let workspace = json["workspace"]?.string, Identifier.prefix(workspace) == workspace,
            workspace.utf8.count == Identifier.length,
            let bytes = count(json["payloadBytes"]), let hash = json["payloadHash"]?.string, !tables.isEmpty
        else { return nil }
        self.init(
            createdAt: createdAt, reason: reason,
            image: StoreImage(schemaVersion: version, workspaceID: workspace, tables: tables), payloadBytes: bytes,
            payloadHash: hash)
    }
}
