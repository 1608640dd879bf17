import MinskyModel

/// Two values of which one was kept, because neither of those who wrote them had seen the other.
public struct Conflict: Sendable, Hashable {
    /// A value, and who gave it.
    public struct Side: Sendable, Hashable {
        /// The value, in the form it has in the change log; of a whole row its fields.
        public let value: JSON
        public let actor: String
        /// When it was given, by the clock of the replica.
        public let at: Timestamp
        /// The replica it was given in.
        public let replicaID: String
        /// All fields that belong together with it, where there are several.
        public let fields: JSON?

        /// Describes a side.
        public init(value: JSON, actor: String, at: Timestamp, replicaID: String, fields: JSON? = nil) {
            self.value = value
            self.replicaID = replicaID
            self.actor = actor
            self.at = at
            self.fields = fields
        }

        init(json: JSON) {
            self.init(
                value: json["value"] ?? .null, actor: json["actor"]?.string ?? "",
                at: json["at"]?.string.flatMap { Timestamp(iso8601: $0) } ?? Timestamp(microseconds: 0),
                replicaID: json["replica"]?.string ?? "", fields: json["fields"])
        }

        /// The documented members.
        public var json: JSON { ["value": value, "actor": .string(actor), "at": .string(at.iso8601)] }

        var stored: JSON {
            let more: [JSON.Member] =
                [.init("replica", .string(replicaID))] + (fields.map { [.init("fields", $0)] } ?? [])
            return .object((json.members ?? []) + more)
        }
    }

    public let id: String
    public let table: String
    public let rowID: String
    /// The column, or a key of one as `metadata.key`; nil for the whole row.
    public let field: String?
    public let kept: Side
    public let lost: Side
    /// Whether somebody has still to decide.
    public let isOpen: Bool
    /// When the two met.
    public let createdAt: Timestamp

    /// Describes a conflict.
    public init(
        id: String, table: String, rowID: String, field: String?, kept: Side, lost: Side, isOpen: Bool,
        createdAt: Timestamp
    ) {
        self.id = id
        self.table = table
        self.rowID = rowID
        self.field = field
        self.kept = kept
        self.lost = lost
        self.isOpen = isOpen
        self.createdAt = createdAt
    }

    /// The id of what an operation met: the same wherever it is worked out.
    /// - Parameter earlier: How many conflicts of the operation there are about the same.
    static func id(of operation: String, _ key: RowKey, _ field: String?, _ earlier: Int) -> String {
        let place = key.id + "\u{1f}" + (field ?? "") + (earlier > 0 ? "\u{1f}\(earlier)" : "")
        return DerivedIdentifier.of(workspace: operation, source: key.table, reference: place)
    }

    /// The documented members.
    public var json: JSON {
        [
            "id": .string(id), "table": .string(table), "rowId": .string(rowID), "field": .optional(field),
            "kept": kept.json, "lost": lost.json, "state": .string(isOpen ? "open" : "resolved"),
        ]
    }

    /// The row that says it.
    var row: RowFields {
        RowFields([
            "table_name": .string(table), "row_id": .string(rowID), "field": .optional(field),
            "kept": kept.stored.canonical,
            "lost": lost.stored.canonical, "state": .string(isOpen ? "open" : "resolved"),
            "created_at": .string(createdAt.iso8601),
        ])
    }
}

extension JSON {
    /// The same with a mark in the place of each NUL character, which no database stores in text.
    var withoutNUL: JSON {
        func marked(_ text: String) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
        }
        return switch self {
        case .string(let text): .string(marked(text))
        case .array(let elements): .array(elements.map(\.withoutNUL))
        case .object(let members): .object(members.map { .init(marked($0.key), $0.value.withoutNUL) })
        default: self
        }
    }
}
